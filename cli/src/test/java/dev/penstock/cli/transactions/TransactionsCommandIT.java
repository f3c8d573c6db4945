package dev.penstock.cli.transactions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.cli.CommandRun;
import dev.penstock.local.SharedKafka;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TransactionsCommandIT {
    private static final String TOPIC = "shadow-predictions";

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    private final String id = "penstock-inference-" + UUID.randomUUID();

    @BeforeEach
    void prepare() {
        KAFKA.createCatalogue();
    }

    @Test
    void listsWhatIsOpenAndMarksWhatHasBeenForTooLong() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(id)) {
            RecordMetadata written = begin(producer);

            JsonNode young = listed(id, "--output", "json");
            JsonNode old = listed(id, "--output", "json", "--hanging-after", "0s");

            assertThat(young.path("state").asText()).isEqualTo("Ongoing");
            assertThat(young.path("hanging").asBoolean()).isFalse();
            assertThat(young.path("partitions").path(0).asText())
                    .isEqualTo("%s-%d".formatted(TOPIC, written.partition()));
            assertThat(old.path("hanging").asBoolean()).isTrue();
            producer.commitTransaction();
            await().untilAsserted(() -> assertThat(listed(id, "--output", "json")
                            .path("openForSeconds")
                            .isNull())
                    .isTrue());
        }
    }

    @Test
    void whatIsOfOthersIsListedAndEndedOnlyIfAskedFor() throws Exception {
        String others = "payroll-" + UUID.randomUUID();
        try (KafkaProducer<byte[], byte[]> producer = producer(others)) {
            begin(producer);

            assertThat(run("list").out()).doesNotContain(others);
            assertThat(run("list", "--all").out()).contains(others);
            CommandRun refused = run("abort", others, "--yes");
            assertThat(refused.exitCode()).isEqualTo(2);
            assertThat(refused.err())
                    .contains("it is not one of the platform's")
                    .contains("--all");
            producer.abortTransaction();
        }
    }

    @Test
    void endsATransactionOnlyIfToldTwice() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(id)) {
            RecordMetadata written = begin(producer);

            CommandRun unsure = run("abort", id);

            assertThat(unsure.exitCode()).isEqualTo(2);
            assertThat(unsure.err())
                    .contains("would end '%s', which has written to [%s-%d]".formatted(id, TOPIC, written.partition()))
                    .contains("--yes");
            assertThat(openProducers(written)).isNotEmpty();

            CommandRun sure = run("abort", id, "--yes");

            assertThat(sure.exitCode()).as(sure.err()).isZero();
            assertThat(sure.out()).contains(id + ": aborted");
            await().untilAsserted(() -> assertThat(openProducers(written)).isEmpty());
            assertThatThrownBy(producer::commitTransaction).isInstanceOf(KafkaException.class);
            assertThat(run("abort", id, "--yes").out()).contains("nothing is open");
        }
        assertThat(KAFKA.read(TOPIC)).noneMatch(record -> new String(record.value(), UTF_8).equals(id));
    }

    @Test
    void endsWhatIsOpenInAPartitionByItsPlace() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(id)) {
            RecordMetadata written = begin(producer);
            String place = "%s:%d:%d".formatted(TOPIC, written.partition(), written.offset());

            CommandRun elsewhere = run("abort", "--at", place + "0", "--yes");
            CommandRun run = run("abort", "--at", place, "--yes");

            assertThat(elsewhere.exitCode()).isEqualTo(1);
            assertThat(elsewhere.err()).contains("nothing is open there").contains(place);
            assertThat(run.exitCode()).as(run.err()).isZero();
            await().untilAsserted(() -> assertThat(openProducers(written)).isEmpty());
        }
    }

    @Test
    void saysThatAnIdIsNotKnown() {
        CommandRun run = run("abort", id, "--yes");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("the brokers know no such transactional id");
    }

    private JsonNode listed(String wanted, String... arguments) {
        List<String> all = new ArrayList<>(List.of("list"));
        all.addAll(List.of(arguments));
        return StreamSupport.stream(run(all.toArray(String[]::new)).json().spliterator(), false)
                .filter(row -> row.path("id").asText().equals(wanted))
                .findFirst()
                .orElseThrow();
    }

    private RecordMetadata begin(KafkaProducer<byte[], byte[]> producer) throws Exception {
        producer.initTransactions();
        producer.beginTransaction();
        return producer.send(new ProducerRecord<>(TOPIC, new byte[1], id.getBytes(UTF_8)))
                .get();
    }

    private static List<ProducerState> openProducers(RecordMetadata written) throws Exception {
        TopicPartition partition = new TopicPartition(written.topic(), written.partition());
        try (Admin admin = KAFKA.admin()) {
            return admin.describeProducers(List.of(partition)).all().get().get(partition).activeProducers().stream()
                    .filter(producer -> producer.currentTransactionStartOffset().isPresent()
                            && producer.currentTransactionStartOffset().getAsLong() <= written.offset())
                    .toList();
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(String transactionalId) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", KAFKA.bootstrapServers(), "transactional.id", transactionalId),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private CommandRun run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("transactions"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--brokers", KAFKA.bootstrapServers(), "--data", directory.toString()));
        return CommandRun.of(all.toArray(String[]::new));
    }
}
