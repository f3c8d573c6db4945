package dev.penstock.cli.sending;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.cli.CommandRun;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.Timing;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class SendCommandIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    Path directory;

    @BeforeEach
    void prepare() throws IOException {
        KAFKA.createCatalogue();
        Files.writeString(
                directory.resolve("pipelines.yaml"), "pipelines: {mails: {modality: text, model: send-spam}}\n");
    }

    @Test
    void printsWhatBecameOfEachFile() throws IOException {
        Path decided = file("decide");
        Path abstained = file("abstain");
        Path refused = file("refuse");

        CommandRun run;
        try (Answering answering = new Answering()) {
            run = send("mails", decided.toString(), abstained.toString(), refused.toString(), "--output", "json");
            assertThat(answering.failure()).isNull();
        }

        assertThat(run.exitCode()).isEqualTo(3);
        JsonNode rows = run.json();
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).path("file").asText()).isEqualTo(decided.toString());
        assertThat(rows.get(0).path("outcome").asText()).isEqualTo("DECIDED");
        assertThat(rows.get(0).path("label").asText()).isEqualTo("spam");
        assertThat(rows.get(0).path("confidence").asDouble()).isEqualTo(0.75);
        assertThat(rows.get(0).path("modelVersion").asInt()).isEqualTo(7);
        assertThat(rows.get(0).path("milliseconds").isNumber()).isTrue();
        assertThat(rows.get(1).path("outcome").asText()).isEqualTo("ABSTAINED");
        assertThat(rows.get(1).path("reason").asText()).isEqualTo("LOW_CONFIDENCE: not sure");
        assertThat(rows.get(2).path("outcome").asText()).isEqualTo("DEAD_LETTER");
        assertThat(rows.get(2).path("reason").asText()).isEqualTo("TEXT_TOO_LONG: too long for a test");
    }

    @Test
    void succeedsIfEveryRequestIsAnswered() throws IOException {
        CommandRun run;
        try (Answering answering = new Answering()) {
            run = send("mails", file("decide").toString(), "--id", "send-1", "--attribute", "country=CH");
            assertThat(answering.failure()).isNull();
        }

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines().skip(1))
                .singleElement()
                .asString()
                .contains("send-1")
                .contains("spam")
                .contains("0.750");
        assertThat(KAFKA.read("requests.text", InferenceRequest.class))
                .filteredOn(request -> request.getRequestId().equals("send-1"))
                .singleElement()
                .satisfies(request -> {
                    assertThat(request.getPipeline()).isEqualTo("mails");
                    assertThat(request.getAttributes()).isEqualTo(Map.of("country", "CH"));
                });
    }

    @Test
    void tellsOfARequestWithoutAnOutcome() throws IOException {
        CommandRun run = send("mails", file("decide").toString(), "--wait", "PT0.5S");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("no outcome").contains("none within PT0.5S");
        assertThat(run.err()).contains("penstock doctor").contains("send-spam");
    }

    @Test
    void doesNotWaitIfToldSo() throws IOException {
        CommandRun run = send("mails", file("decide").toString(), "--no-wait");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("sent").contains("at requests.text ");
    }

    @Test
    void sendsNothingIfAFileIsMissing() throws IOException {
        long before = KAFKA.read("requests.text").size();

        CommandRun run = send("mails", file("decide").toString(), "/missing-1", "/missing-2");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("/missing-1: there is no such file")
                .contains("/missing-2: there is no such file");
        assertThat(KAFKA.read("requests.text")).hasSize((int) before);
    }

    @Test
    void namesThePipelinesThereAre() throws IOException {
        CommandRun run = send("male", file("decide").toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("Cannot send to pipeline 'male'").contains("The pipelines are mails.");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve(text + ".txt"), text);
    }

    private CommandRun send(String... arguments) {
        List<String> all = new ArrayList<>(List.of("send"));
        all.addAll(List.of(arguments));
        all.addAll(List.of(
                "--brokers",
                KAFKA.bootstrapServers(),
                "--registry",
                KAFKA.registryUrl(),
                "--pipelines",
                directory.resolve("pipelines.yaml").toString()));
        return CommandRun.of(all.toArray(String[]::new));
    }

    /** Answers requests by their text, as inference would. */
    private static final class Answering implements AutoCloseable {
        private final KafkaConsumer<String, byte[]> consumer;
        private final AvroDeserializer<InferenceRequest> requests =
                AvroDeserializer.of(KAFKA.registry(), InferenceRequest.class);
        private final Thread thread = new Thread(this::answer, "answering");
        private volatile @Nullable Exception failure;

        Answering() {
            consumer = new KafkaConsumer<>(
                    Map.of("bootstrap.servers", KAFKA.bootstrapServers(), "isolation.level", "read_committed"),
                    new StringDeserializer(),
                    new ByteArrayDeserializer());
            List<TopicPartition> partitions = consumer.partitionsFor("requests.text").stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
            thread.start();
        }

        @Nullable
        Exception failure() {
            return failure;
        }

        @Override
        public void close() {
            consumer.wakeup();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void answer() {
            try (consumer;
                    KafkaProducer<String, Prediction> producer = KAFKA.producer()) {
                while (true) {
                    for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                        answer(record, producer);
                    }
                }
            } catch (WakeupException e) {
                return; // The test is over.
            } catch (Exception e) {
                failure = e;
            }
        }

        private void answer(ConsumerRecord<String, byte[]> record, KafkaProducer<String, Prediction> producer)
                throws InterruptedException, ExecutionException {
            InferenceRequest request = requests.deserialize(record.topic(), record.value());
            assertThat(request).isNotNull();
            Origin origin = new Origin(record.topic(), record.partition(), record.offset());
            String text = ((TextPayload) request.getPayload()).getText();
            if (text.equals("refuse")) {
                DeadLetter letter = new DeadLetter(
                        DeadLetterCode.TEXT_TOO_LONG,
                        "too long for a test",
                        "",
                        origin,
                        Optional.empty(),
                        "inference",
                        Optional.of(request.getPipeline()),
                        Optional.of(request.getRequestId()));
                producer.send(new ProducerRecord<>("dead-letters", null, null, record.key(), null, letter.toHeaders()))
                        .get();
                return;
            }
            Object outcome = text.equals("decide")
                    ? new Decision("spam", 0.75, List.of("spam"))
                    : Abstention.newBuilder()
                            .setReason(AbstentionReason.LOW_CONFIDENCE)
                            .setDetail("not sure")
                            .build();
            producer.send(new ProducerRecord<>(
                            "predictions", request.getRequestId(), prediction(request, origin, outcome)))
                    .get();
        }

        private static Prediction prediction(InferenceRequest request, Origin origin, Object outcome) {
            return Prediction.newBuilder()
                    .setPredictionId("p")
                    .setRequestId(request.getRequestId())
                    .setPipeline(request.getPipeline())
                    .setEntityId(request.getEntityId())
                    .setEventTime(request.getEventTime())
                    .setOrigin(origin)
                    .setModel("send-spam")
                    .setModelVersion(7)
                    .setBundleDigest("0".repeat(64))
                    .setOutcome(outcome)
                    .setScores(Map.of())
                    .setThreshold(0.5)
                    .setPolicyVersion(1)
                    .setTiming(Timing.newBuilder()
                            .setReceivedAt(Instant.EPOCH)
                            .setRequestedAt(Instant.EPOCH)
                            .setScoredAt(Instant.EPOCH)
                            .setDecodeMicros(1)
                            .setScoreMicros(1)
                            .build())
                    .build();
        }
    }
}
