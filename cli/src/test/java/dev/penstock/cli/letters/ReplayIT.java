package dev.penstock.cli.letters;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.cli.CommandRun;
import dev.penstock.cli.platform.LocalPlatform;
import dev.penstock.cli.platform.Pace;
import dev.penstock.models.TinyModels;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters of a running platform, sent again once what was wrong with them is gone. */
class ReplayIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** %s is how large a mail may be. */
    private static final String MAILS = """
            pipelines:
              mails:
                modality: text
                model: tiny-text
                limits: {payload-bytes: %s}
                source: {topic: mail.received, id: id, entity: box, payload: {text: body}}
            """;

    private static final String CHATS = "  chats: {modality: text, model: tiny-text}\n";

    @TempDir
    private Path directory;

    private LocalPlatform platform;

    @Test
    void aLetterThatIsSentAgainHasExactlyOneOutcomeMoreHoweverOftenItIsSent() throws Exception {
        start(MAILS.formatted("20B"));
        try {
            CommandRun imported = command(
                    "models",
                    "import",
                    TinyModels.text(directory.resolve("bundle"), 1).directory().toString());
            assertThat(imported.exitCode()).as(imported.err()).isZero();
            sendMail("m1", "short spam");
            sendMail("m2", "a mail of more than twenty bytes");
            sendMail("m3", "lunch?");
            sendRequest("c1", "chats", "a pipeline that is not there yet");
            sendRequest("c2", "mails", TinyModels.BREAKING_TEXT);
            awaitLetters(3);
            awaitPredictions("m1", "m3");

            CommandRun early = replay("--request", "m2");

            assertThat(early.exitCode()).isEqualTo(3);
            assertThat(early.out()).contains("would refuse it again: PAYLOAD_TOO_LARGE");
        } finally {
            platform.close();
        }

        start(MAILS.formatted("1KiB") + CHATS);
        try {
            CommandRun doctor = command(
                    "doctor", "--output", "json", "--flink", platform.address().flink());
            CommandRun mail = replay("--request", "m2");
            CommandRun mailAgain = replay("--request", "m2");
            CommandRun chat = replay("--request", "c1");
            CommandRun chatAgain = replay("--request", "c1");
            CommandRun broken = replay("--request", "c2");

            assertThat(mail.exitCode()).as(mail.out() + mail.err()).isZero();
            assertThat(mail.out()).contains("sent to mail.received").contains("decided: ham (version 1)");
            assertThat(mailAgain.exitCode()).as(mailAgain.out()).isZero();
            assertThat(mailAgain.out()).contains("nothing to do").contains("was answered by then");
            assertThat(chat.exitCode()).as(chat.out() + chat.err()).isZero();
            assertThat(chat.out()).contains("sent to requests.text").contains("decided: ham (version 1)");
            assertThat(chatAgain.out()).contains("nothing to do");
            assertThat(broken.exitCode()).isEqualTo(3);
            assertThat(broken.out()).contains("dead letter: MODEL_FAILED");
            // Behind the replays, so that what they might have doubled would be there by now.
            sendMail("m4", "last");
            awaitPredictions("m1", "m2", "m3", "c1", "m4");
            awaitLetters(4);
            assertThat(doctor.out())
                    .contains("penstock-inference at task manager")
                    .contains("tiny-text:1");
        } finally {
            platform.close();
        }
    }

    private void start(String pipelines) throws IOException {
        Path file = Files.writeString(directory.resolve("pipelines.yaml"), pipelines);
        platform = LocalPlatform.start(
                new LocalPlatform.Settings(
                        directory.resolve("platform"),
                        LocalPlatform.Ports.free(),
                        Duration.ofSeconds(1),
                        Pipelines.read(file, Map.of()),
                        file,
                        Pace.PRODUCTION),
                part -> {});
    }

    private CommandRun replay(String... arguments) {
        List<String> all = new ArrayList<>(List.of("dead-letters", "replay", "--wait", "2m"));
        all.addAll(Arrays.asList(arguments));
        return command(all.toArray(String[]::new));
    }

    private CommandRun command(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--data", directory.resolve("platform").toString()));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private void sendMail(String id, String body) throws Exception {
        GenericRecord mail = new GenericRecordBuilder(SchemaBuilder.record("Mail")
                        .fields()
                        .requiredString("id")
                        .requiredString("box")
                        .requiredString("body")
                        .endRecord())
                .set("id", id)
                .set("box", "box-" + id)
                .set("body", body)
                .build();
        send("mail.received", new AvroSerializer<GenericRecord>(registry()).serialize("mail.received", mail));
    }

    private void sendRequest(String id, String pipeline, String text) throws Exception {
        InferenceRequest request = InferenceRequest.newBuilder()
                .setRequestId(id)
                .setPipeline(pipeline)
                .setEntityId("box-" + id)
                .setEventTime(Instant.now())
                .setPayload(new TextPayload(text))
                .build();
        send("requests.text", new AvroSerializer<InferenceRequest>(registry()).serialize("requests.text", request));
    }

    private void send(String topic, byte[] value) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", platform.address().brokers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, "key".getBytes(UTF_8), value))
                    .get();
        }
    }

    /** Waits until each of these requests has its prediction, and sees that there is no other. */
    private void awaitPredictions(String... requests) {
        AvroDeserializer<Prediction> deserializer = AvroDeserializer.of(registry(), Prediction.class);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(read("predictions"))
                .extracting(
                        value -> deserializer.deserialize("predictions", value).getRequestId())
                .containsExactlyInAnyOrder(requests));
    }

    private void awaitLetters(int count) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(read("dead-letters")).hasSize(count));
    }

    private List<byte[]> read(String topic) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", platform.address().brokers(), "isolation.level", "read_committed");
        List<byte[]> values = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }

    private SchemaRegistry registry() {
        return SchemaRegistry.connect(platform.address().registry());
    }
}
