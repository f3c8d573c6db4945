package dev.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IngestIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    @Test
    void copiesOnDifferentPartitionsBecomeOneRequest() throws Exception {
        Mails mails = Mails.create(KAFKA, "anything");
        int events = 300;
        int copies = Mails.PARTITIONS - 1;
        List<ProducerRecord<String, GenericRecord>> records = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            for (int partition = 0; partition < Mails.PARTITIONS; partition++) {
                records.add(mails.record(partition, "m-" + i, "sender-" + i % 7, "Hello"));
            }
        }
        Mails.send(KAFKA, records);

        try (Ingest ingest = start(mails)) {
            await().atMost(PATIENCE).until(() -> duplicates(ingest, mails) == (long) events * copies);
        }

        assertThat(mails.requestIds()).hasSize(events).doesNotHaveDuplicates();
        assertThat(mails.deadLetters()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"entity", "anything"})
    void anEntityStaysInOrderAndOnOnePartition(String keyedBy) throws Exception {
        Mails mails = Mails.create(KAFKA, keyedBy);
        int events = 1_000;
        List<ProducerRecord<String, GenericRecord>> records = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            int sender = i % 13;
            records.add(mails.record(sender % Mails.PARTITIONS, "m-%04d".formatted(i), "sender-" + sender, "Hello"));
        }
        Mails.send(KAFKA, records);

        try (Ingest ingest = start(mails)) {
            await().atMost(PATIENCE).until(() -> accepted(ingest, mails) == events);
        }

        Map<String, List<String>> idsBySender = new HashMap<>();
        for (InferenceRequest request : mails.requests()) {
            idsBySender
                    .computeIfAbsent(request.getEntityId(), first -> new ArrayList<>())
                    .add(request.getRequestId());
        }
        assertThat(idsBySender).hasSize(13);
        assertThat(idsBySender.values()).allSatisfy(ids -> assertThat(ids).isSorted());
        assertThat(idsBySender.values().stream().mapToInt(List::size).sum()).isEqualTo(events);
    }

    @Test
    void brokenRecordsAreBuriedBetweenGoodOnesOnEveryPartition() throws Exception {
        Mails mails = Mails.create(KAFKA, "id");
        byte[] broken = {1, 2, 3};
        for (int i = 0; i < 3; i++) {
            mails.sendOnEveryPartition("good-" + i);
            KAFKA.send(mails.topic(), new byte[] {(byte) i}, broken);
        }
        mails.sendOnEveryPartition("last");

        try (Ingest ingest = start(mails)) {
            await().atMost(PATIENCE).until(() -> accepted(ingest, mails) == 4 * Mails.PARTITIONS);
            await().atMost(PATIENCE)
                    .until(() -> ingest.counters().of(mails.pipeline()).rejectedInAll() == 3);
        }

        assertThat(mails.deadLetters()).hasSize(3).allSatisfy(dead -> {
            assertThat(dead.value()).isEqualTo(broken);
            assertThat(DeadLetter.read(dead.headers()).code()).isEqualTo(DeadLetterCode.MALFORMED_RECORD);
        });
        assertThat(mails.requestIds()).hasSize(4 * Mails.PARTITIONS).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "anything"})
    void whatWasSeenIsKnownAfterARestartOnAnotherMachine(String keyedBy) throws Exception {
        Mails mails = Mails.create(KAFKA, keyedBy);
        mails.sendOnEveryPartition("before");
        try (Ingest ingest = start(mails, directory.resolve("one"))) {
            await().atMost(PATIENCE).until(() -> accepted(ingest, mails) == Mails.PARTITIONS);
        }

        mails.sendOnEveryPartition("before");
        mails.sendOnEveryPartition("after");
        try (Ingest ingest = start(mails, directory.resolve("another"))) {
            await().atMost(PATIENCE).until(() -> accepted(ingest, mails) == Mails.PARTITIONS);
            await().atMost(PATIENCE).until(() -> duplicates(ingest, mails) == Mails.PARTITIONS);
        }

        assertThat(mails.requestIds()).hasSize(2 * Mails.PARTITIONS).doesNotHaveDuplicates();
    }

    @Test
    void aRequestThatIsLargerThanItsTopicTakesIsBuried() throws Exception {
        String images = "images-" + UUID.randomUUID();
        KAFKA.createCatalogue();
        KAFKA.createTopic(images, 1, Map.of("max.message.bytes", Integer.toString(Topic.LARGEST_RECORD_BYTES)));
        Mails small = Mails.create(KAFKA, "id");
        Pipelines pipelines =
                ConfigurationFile.parse("pipelines.yaml", """
                pipelines:
                  images:
                    modality: image
                    model: digits
                    source: {topic: %s, id: id, entity: sender, keyed-by: id, payload: {image: body}}
                """.formatted(images), Pipelines.class, Map.of());
        Schema schema = new Schema.Parser()
                .parse(Mails.SCHEMA.toString().replace("\"body\",\"type\":\"string\"", "\"body\",\"type\":\"bytes\""));
        byte[][] contents = {new byte[1], new byte[Topic.LARGE_RECORD_BYTES], new byte[2]};
        List<ProducerRecord<String, GenericRecord>> records = new ArrayList<>();
        for (byte[] content : contents) {
            GenericRecord image = new GenericData.Record(schema);
            image.put("id", "image-" + content.length);
            image.put("sender", "camera");
            image.put("body", ByteBuffer.wrap(content));
            records.add(new ProducerRecord<>(images, image));
        }
        Mails.send(KAFKA, records);

        try (Ingest ingest = Ingest.start(config(small, directory), pipelines)) {
            await().atMost(PATIENCE)
                    .until(() -> ingest.counters().of("images").accepted() == 2
                            && ingest.counters().of("images").rejectedInAll() == 1);
        }

        List<ConsumerRecord<byte[], byte[]>> dead = KAFKA.read(Topic.DEAD_LETTERS.topicName()).stream()
                .filter(record ->
                        DeadLetter.read(record.headers()).from().getTopic().equals(images))
                .toList();
        assertThat(dead).singleElement().satisfies(record -> {
            assertThat(DeadLetter.read(record.headers()).code()).isEqualTo(DeadLetterCode.PAYLOAD_TOO_LARGE);
            assertThat(record.value()).hasSizeGreaterThan(Topic.LARGE_RECORD_BYTES);
        });
    }

    @Test
    void internalTopicsHaveNamesThatStay() throws Exception {
        Mails mails = Mails.create(KAFKA, "anything");
        mails.sendOnEveryPartition("m");

        try (Ingest ingest = start(mails);
                Admin admin = KAFKA.admin()) {
            await().atMost(PATIENCE).until(() -> accepted(ingest, mails) == Mails.PARTITIONS);

            String prefix = config(mails, directory).applicationId() + "-";
            assertThat(new TreeSet<>(admin.listTopics().names().get()))
                    .filteredOn(name -> name.startsWith(prefix))
                    .containsExactlyInAnyOrder(
                            prefix + "by-entity-" + mails.topic() + "-repartition",
                            prefix + "seen-by-entity-" + mails.topic() + "-changelog");
        }
    }

    @Test
    void sayingThatItRunsAndThatItStopped() throws Exception {
        Mails mails = Mails.create(KAFKA, "id");

        Ingest ingest = start(mails);
        ingest.awaitRunning(PATIENCE);
        assertThat(ingest.state()).isEqualTo(Ingest.State.RUNNING);

        ingest.close();
        ingest.awaitEnd();
        assertThat(ingest.state()).isEqualTo(Ingest.State.STOPPED);
        assertThat(ingest.failure()).isEmpty();
        assertThatIllegalStateException()
                .isThrownBy(() -> ingest.awaitRunning(Duration.ofSeconds(1)))
                .withMessageStartingWith("Cannot await ingest: it is STOPPED");
    }

    @Test
    void showsPrometheusWhatBecameOfEvents() throws Exception {
        Mails mails = Mails.create(KAFKA, "id");
        mails.sendOnEveryPartition("same");
        mails.sendOnEveryPartition("same");
        KAFKA.send(mails.topic(), new byte[] {1}, new byte[] {1, 2, 3});
        IngestConfig config = ConfigurationFile.parse(
                "ingest.yaml", mails.ingestYaml(directory) + "metrics: {port: 0}\n", IngestConfig.class, Map.of());

        try (Ingest ingest = Ingest.start(config, mails.pipelines())) {
            URI address = ingest.metrics().orElseThrow();
            await().atMost(PATIENCE).until(() -> duplicates(ingest, mails) == Mails.PARTITIONS);
            await().atMost(PATIENCE)
                    .until(() -> ingest.counters().of(mails.pipeline()).rejectedInAll() == 1);

            assertThat(InetAddress.getByName(address.getHost()).isLoopbackAddress())
                    .isTrue();
            String pipeline = "pipeline=\"%s\"".formatted(mails.pipeline());
            assertThat(get(address).lines())
                    .contains(
                            "ingest_accepted_total{%s} %d.0".formatted(pipeline, Mails.PARTITIONS),
                            "ingest_duplicates_dropped_total{%s} %d.0".formatted(pipeline, Mails.PARTITIONS),
                            "ingest_dead_letters_total{%s,reason=\"MALFORMED_RECORD\"} 1.0".formatted(pipeline))
                    .anyMatch(line -> line.startsWith("kafka_stream_"));
            assertThat(get(address.resolve("/health"))).isEqualTo("RUNNING\n");
        }
    }

    @Test
    void aPortForMetricsThatIsTakenStopsTheStart() throws Exception {
        Mails mails = Mails.create(KAFKA, "id");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
            IngestConfig config = ConfigurationFile.parse(
                    "ingest.yaml",
                    mails.ingestYaml(directory) + "metrics: {port: %d}\n".formatted(taken.getLocalPort()),
                    IngestConfig.class,
                    Map.of());

            assertThatIllegalStateException()
                    .isThrownBy(() -> Ingest.start(config, mails.pipelines()))
                    .withMessageContainingAll(
                            "Cannot show metrics at localhost:" + taken.getLocalPort(), "choose another metrics.port");
        }
    }

    private static String get(URI address) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        return answer.body();
    }

    @Test
    void namesEveryTopicThatIsMissingBeforeItStarts() {
        Mails mails = Mails.create(KAFKA, "id");
        Pipelines pipelines = ConfigurationFile.parse(
                "pipelines.yaml", mails.yaml().replace(mails.topic(), "no-such-topic"), Pipelines.class, Map.of());

        assertThatIllegalStateException()
                .isThrownBy(() -> Ingest.start(config(mails, directory), pipelines))
                .withMessage(
                        "Cannot start ingest: topics [no-such-topic] do not exist; create them, or correct the pipelines");
    }

    @Test
    void refusesNamesThatAreTooLongTogether() {
        Mails mails = Mails.create(KAFKA, "id");
        Pipelines pipelines = ConfigurationFile.parse(
                "pipelines.yaml", mails.yaml().replace(mails.topic(), "x".repeat(249)), Pipelines.class, Map.of());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ingest.start(config(mails, directory), pipelines))
                .withMessageContaining("characters, more than the 249 of Kafka; choose a shorter application-id");
    }

    private static long accepted(Ingest ingest, Mails mails) {
        return ingest.counters().of(mails.pipeline()).accepted();
    }

    private static long duplicates(Ingest ingest, Mails mails) {
        return ingest.counters().of(mails.pipeline()).duplicates();
    }

    private Ingest start(Mails mails) throws InterruptedException {
        return start(mails, directory);
    }

    private static Ingest start(Mails mails, Path state) throws InterruptedException {
        return Ingest.start(config(mails, state), mails.pipelines());
    }

    private static IngestConfig config(Mails mails, Path state) {
        return ConfigurationFile.parse("ingest.yaml", mails.ingestYaml(state), IngestConfig.class, Map.of());
    }
}
