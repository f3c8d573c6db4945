package dev.penstock.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.deploy.containers.MailEvents.Expected;
import dev.penstock.flink.Job;
import dev.penstock.flink.RunningJob;
import dev.penstock.inference.Inference;
import dev.penstock.ingest.Ingest;
import dev.penstock.ingest.IngestConfig;
import dev.penstock.models.TinyModels;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.transit.BundlePublisher;
import dev.penstock.models.trust.BundleSignature;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Ingest and the inference job, configured by files as an installation would, against containers. */
@Tag("containers")
class EventsToPredictionsIT {
    private static final String SOURCE = "shop.mails";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @RegisterExtension
    static final ContainedKafka KAFKA = new ContainedKafka();

    @TempDir
    private Path directory;

    @Test
    void everyGoodEventIsOnePredictionAndEveryBadOneADeadLetterWithItsReasonWhateverIsCutOff() throws Exception {
        prepare();

        Map<Origin, Expected> sent;
        try (MailEvents events = MailEvents.sendTo(KAFKA, SOURCE)) {
            Path checkpoint;
            try (Ingest ingest = startIngest();
                    RunningJob job = startInference(Optional.empty())) {
                awaitPredictions(300);
                checkpoint = job.cancel();
            }
            int answered = predictions().size();
            try (Ingest ingest = startIngest();
                    RunningJob job = startInference(Optional.of(checkpoint))) {
                awaitPredictions(answered + 300);
                sent = events.stop();
                int all = sent.size();
                await("an outcome of each of %d events".formatted(all))
                        .atMost(PATIENCE)
                        .until(() -> predictions().size() + deadLetters().size() >= all);
                // What came twice would be committed by then.
                job.awaitCheckpoint();
            }
        }

        List<Prediction> predictions = predictions();
        assertThat(predictions)
                .extracting(EventsToPredictionsIT::outcome)
                .containsExactlyInAnyOrderElementsOf(outcomes(
                        sent, expected -> expected.label().map(label -> expected.messageId() + " is " + label)));
        assertThat(deadLetters())
                .extracting(letter -> at(letter.root()) + letter.code())
                .containsExactlyInAnyOrderElementsOf(
                        outcomes(sent, expected -> expected.reason().map(Enum::name)));
        assertThat(deadLetters())
                .allSatisfy(letter -> assertThat(letter.reason()).startsWith("Cannot "));
        assertThat(predictions).extracting(Prediction::getPredictionId).doesNotHaveDuplicates();
        assertReadByAnotherLanguage();
    }

    /**
     * Compared by their places: where transactions of several tasks overlap in a partition, kafkajs lets some records pass that
     * were aborted, as it takes the broker's list of them for one in order.
     */
    private static void assertReadByAnotherLanguage() throws Exception {
        Map<String, JsonNode> read = NodeConsumer.install().read(KAFKA, KAFKA.lastOffsets(Topic.PREDICTIONS)).stream()
                .collect(Collectors.toMap(
                        record -> place(
                                record.get("partition").intValue(),
                                record.get("offset").asLong()),
                        record -> record.get("value")));
        AvroDeserializer<Prediction> deserializer = AvroDeserializer.of(KAFKA.registry(), Prediction.class);
        assertThat(KAFKA.read(Topic.PREDICTIONS)).allSatisfy(record -> {
            Prediction prediction = deserializer.deserialize(record.topic(), record.value());
            String place = place(record.partition(), record.offset());
            assertThat(read).containsKey(place);
            SameAsJson.assertSame(prediction, read.get(place));
        });
    }

    private static String place(int partition, long offset) {
        return partition + "/" + offset;
    }

    private static List<String> outcomes(Map<Origin, Expected> sent, Function<Expected, Optional<String>> outcome) {
        return sent.entrySet().stream()
                .flatMap(each -> outcome.apply(each.getValue()).map(what -> at(each.getKey()) + what).stream())
                .toList();
    }

    private static String outcome(Prediction prediction) {
        return "%s%s is %s"
                .formatted(
                        at(prediction.getOrigin()),
                        prediction.getRequestId(),
                        ((Decision) prediction.getOutcome()).getLabel());
    }

    private static String at(Origin origin) {
        return "%s/%d/%d: ".formatted(origin.getTopic(), origin.getPartition(), origin.getOffset());
    }

    private void prepare() throws Exception {
        KAFKA.createTopic(SOURCE);
        write("pipelines.yaml", """
                pipelines:
                  mails:
                    modality: text
                    model: tiny-text
                    source:
                      topic: %s
                      id: message_id
                      entity: mailbox
                      payload: {text: body}
                """.formatted(SOURCE));
        write("ingest.yaml", """
                brokers: ${BROKERS}
                registry: {url: "${REGISTRY}"}
                state-directory: ${STATE}
                replication: 1
                """);
        write("inference.yaml", """
                brokers: ${BROKERS}
                registry: {url: "${REGISTRY}"}
                delivery: exactly-once
                checkpoints: {directory: "${CHECKPOINTS}", interval: PT0.5S}
                models:
                  cache: ${STATE}
                  trust: {keys: "${KEYS}"}
                state: heap
                """);
        SigningKey key = SigningKey.generate(directory.resolve("keys"), "release");
        Bundle bundle = TinyModels.text(directory.resolve("bundle"), 1);
        BundleSignature.write(bundle, key);
        try (KafkaProducer<String, SpecificRecord> producer = KAFKA.producer()) {
            new BundlePublisher(producer, BundlePublisher.Limits.usual(), Clock.systemUTC())
                    .publish(bundle.directory(), List.of(), "containers");
        }
    }

    private Ingest startIngest() throws InterruptedException {
        Ingest ingest = Ingest.start(
                IngestConfig.read(directory.resolve("ingest.yaml"), variables("ingest")),
                Pipelines.read(directory.resolve("pipelines.yaml"), Map.of()));
        ingest.awaitRunning(PATIENCE);
        return ingest;
    }

    private RunningJob startInference(Optional<Path> checkpoint) {
        Job job = Inference.job(
                directory.resolve("inference.yaml"), directory.resolve("pipelines.yaml"), variables("inference"));
        return RunningJob.start(job, checkpoint).running();
    }

    private Map<String, String> variables(String part) {
        Path own = directory.resolve(part);
        return Map.of(
                "BROKERS", KAFKA.bootstrapServers(),
                "REGISTRY", KAFKA.registryUrl(),
                "STATE", own.resolve("state").toString(),
                "CHECKPOINTS", own.resolve("checkpoints").toUri().toString(),
                "KEYS", directory.resolve("keys").toString());
    }

    private void write(String file, String content) throws Exception {
        Files.writeString(directory.resolve(file), content);
    }

    private static void awaitPredictions(int count) {
        await("%d predictions".formatted(count))
                .atMost(PATIENCE)
                .until(() -> predictions().size() >= count);
    }

    /** Of this test's events; others write to the topic too. */
    private static List<Prediction> predictions() {
        AvroDeserializer<Prediction> deserializer = AvroDeserializer.of(KAFKA.registry(), Prediction.class);
        return KAFKA.read(Topic.PREDICTIONS).stream()
                .map(record -> deserializer.deserialize(record.topic(), record.value()))
                .filter(prediction -> prediction.getOrigin().getTopic().equals(SOURCE))
                .toList();
    }

    private static List<DeadLetter> deadLetters() {
        return KAFKA.read(Topic.DEAD_LETTERS).stream()
                .map(record -> DeadLetter.read(record.headers()))
                .toList();
    }
}
