package dev.penstock.inference;

import static java.util.stream.Collectors.toSet;
import static org.awaitility.Awaitility.await;

import dev.penstock.flink.Job;
import dev.penstock.flink.RunningJob;
import dev.penstock.flink.configuration.Checkpoints;
import dev.penstock.flink.configuration.Metrics;
import dev.penstock.flink.configuration.Registry;
import dev.penstock.flink.configuration.StateBackend;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.transit.BundlePublisher;
import dev.penstock.models.trust.BundleSignature;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The catalogue's topics on the shared broker as one test sees them: its own consumer group, which starts behind what
 * other tests left, and its own pipelines and directories.
 */
final class InferencePlatform {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final SharedKafka kafka;
    private final Path directory;
    private final Pipelines pipelines;
    private final String group = "test-" + UUID.randomUUID();
    private final Map<TopicPartition, OffsetAndMetadata> starts = new HashMap<>();
    private final Map<TopicPartition, Long> predictionStarts;
    private final Map<TopicPartition, Long> shadowStarts;

    /** @param pipelines as in {@code pipelines.yaml} */
    InferencePlatform(SharedKafka kafka, Path directory, String pipelines) {
        this.kafka = kafka;
        this.directory = directory;
        this.pipelines = ConfigurationFile.parse("pipelines.yaml", pipelines, Pipelines.class, Map.of());
        kafka.createCatalogue();
        startBehindOthers();
        predictionStarts = kafka.ends(Topic.PREDICTIONS);
        shadowStarts = kafka.ends(Topic.SHADOW_PREDICTIONS);
    }

    InferenceConfig config(Delivery delivery, int waitingRecords) {
        return config(delivery, waitingRecords, Optional.empty());
    }

    InferenceConfig config(Delivery delivery, int waitingRecords, Optional<Metrics> metrics) {
        return new InferenceConfig(
                kafka.bootstrapServers(),
                new Registry(URI.create(kafka.registryUrl()), Duration.ofMinutes(1), Map.of()),
                group,
                delivery,
                new Checkpoints(directory.resolve("checkpoints").toUri(), Duration.ofMillis(300)),
                new InferenceConfig.Models(
                        directory.resolve("bundles"),
                        new InferenceConfig.Trust.Keys(trusted()),
                        ByteSize.ofMebibytes(64),
                        2,
                        Optional.empty(),
                        Duration.ofSeconds(5),
                        Duration.ofDays(7)),
                new InferenceConfig.Waiting(waitingRecords, ByteSize.ofMebibytes(8)),
                BatchLimits.usual(),
                StateBackend.ROCKSDB,
                Map.of(),
                metrics,
                Map.of());
    }

    Pipelines pipelines() {
        return pipelines;
    }

    RunningJob start(InferenceConfig config, Optional<Path> checkpoint) {
        return RunningJob.start(job(config), checkpoint);
    }

    Job job(InferenceConfig config) {
        return new Job(
                "inference",
                Inference.flinkSettings(config),
                environment -> Inference.define(environment, config, pipelines));
    }

    /** Publishes a bundle under the name of a model that no other test knows, signed by somebody whom the job trusts. */
    ModelVersion publish(String model, Bundle bundle) throws IOException, InterruptedException {
        return publish(model, bundle, true);
    }

    ModelVersion publishUnsigned(String model, Bundle bundle) throws IOException, InterruptedException {
        return publish(model, bundle, false);
    }

    private Path trusted() {
        return directory.resolve("trusted");
    }

    private SigningKey key() throws IOException {
        Path file = trusted().resolve("tester.key");
        return Files.exists(file) ? SigningKey.read(file) : SigningKey.generate(trusted(), "tester");
    }

    private ModelVersion publish(String model, Bundle bundle, boolean isSigned)
            throws IOException, InterruptedException {
        String card = bundle.cardText().replaceFirst("(?m)^name: .*$", "name: " + model);
        Bundle renamed = new BundleBuilder(card, bundle.savedModel())
                .goldenExamples(bundle.goldenExamples())
                .build(bundle.directory().resolveSibling(bundle.directory().getFileName() + "-renamed"));
        if (isSigned) {
            BundleSignature.write(renamed, key());
        }
        try (KafkaProducer<String, SpecificRecord> producer = kafka.producer()) {
            return new BundlePublisher(producer, BundlePublisher.Limits.usual(), Clock.systemUTC())
                    .publish(renamed.directory(), List.of(), "test");
        }
    }

    /** Announces a version that has no bundle. */
    void announce(ModelVersion version) {
        sendAll(List.of(new ProducerRecord<>(Topic.MODEL_VERSIONS.topicName(), version.getModel(), version)));
    }

    void roll(RolloutState state) {
        sendAll(List.of(new ProducerRecord<>(Topic.ROLLOUTS.topicName(), state.getModel(), state)));
    }

    /** Without keys: they go to all partitions. */
    void send(Topic topic, List<InferenceRequest> requests) {
        sendAll(requests.stream()
                .map(request -> new ProducerRecord<String, InferenceRequest>(topic.topicName(), request))
                .toList());
    }

    /** With the entity as key, as ingest does: the order of an entity's requests is kept. */
    void sendByEntity(Topic topic, List<InferenceRequest> requests) {
        sendAll(requests.stream()
                .map(request -> new ProducerRecord<>(topic.topicName(), request.getEntityId(), request))
                .toList());
    }

    void send(Feedback feedback) {
        sendAll(List.of(new ProducerRecord<>(Topic.FEEDBACK.topicName(), feedback.getRequestId(), feedback)));
    }

    void sendBytes(Topic topic, byte[] value) {
        kafka.send(topic.topicName(), null, value);
    }

    /** Predictions of this test's pipelines, committed ones only. */
    List<Prediction> predictions() {
        return predictionsByPartition().values().stream().flatMap(List::stream).toList();
    }

    /** The same, by partition of their topic, in the order in which they are there. */
    Map<Integer, List<Prediction>> predictionsByPartition() {
        return predictionsByPartition(Topic.PREDICTIONS, predictionStarts);
    }

    /** What versions on trial said of this test's requests that nobody acts on. */
    List<Prediction> shadowPredictions() {
        return predictionsByPartition(Topic.SHADOW_PREDICTIONS, shadowStarts).values().stream()
                .flatMap(List::stream)
                .toList();
    }

    private Map<Integer, List<Prediction>> predictionsByPartition(Topic topic, Map<TopicPartition, Long> from) {
        AvroDeserializer<Prediction> deserializer = AvroDeserializer.of(kafka.registry(), Prediction.class);
        Map<Integer, List<Prediction>> predictions = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.read(topic.topicName(), from)) {
            Prediction prediction = deserializer.deserialize(record.topic(), record.value());
            if (prediction != null && pipelines.named(prediction.getPipeline()).isPresent()) {
                predictions
                        .computeIfAbsent(record.partition(), partition -> new ArrayList<>())
                        .add(prediction);
            }
        }
        return predictions;
    }

    /** Waits until there are as many or more. */
    List<Prediction> awaitPredictions(int count) {
        return await().atMost(PATIENCE).until(this::predictions, predictions -> predictions.size() >= count);
    }

    /** Waits until there are as many or more of requests that came after this test began. */
    List<DeadLetter> awaitDeadLetters(int count) {
        return await().atMost(PATIENCE)
                .until(
                        () -> kafka.read(Topic.DEAD_LETTERS.topicName()).stream()
                                .map(record -> DeadLetter.read(record.headers()))
                                .filter(this::isOurs)
                                .toList(),
                        letters -> letters.size() >= count);
    }

    List<Alert> awaitAlerts(String model) {
        return await().atMost(PATIENCE)
                .until(
                        () -> kafka.read(Topic.ALERTS.topicName(), Alert.class).stream()
                                .filter(alert -> alert.getModel().equals(model))
                                .toList(),
                        alerts -> !alerts.isEmpty());
    }

    /**
     * Sends one more request to each partition and waits for the answers: what lies before them was dealt with then,
     * and with exactly-once delivery a checkpoint says so.
     */
    void awaitAllBefore(Topic topic, String pipeline, Object payload) {
        List<ProducerRecord<String, InferenceRequest>> last = kafka.ends(topic).keySet().stream()
                .map(partition -> new ProducerRecord<String, InferenceRequest>(
                        partition.topic(),
                        partition.partition(),
                        null,
                        Fixtures.request("last-" + UUID.randomUUID(), pipeline, payload)))
                .toList();
        sendAll(last);
        Set<String> ids =
                last.stream().map(record -> record.value().getRequestId()).collect(toSet());
        await().atMost(PATIENCE).until(() -> predictions().stream()
                .map(Prediction::getRequestId)
                .collect(toSet())
                .containsAll(ids));
    }

    private boolean isOurs(DeadLetter letter) {
        OffsetAndMetadata start = starts.get(
                new TopicPartition(letter.from().getTopic(), letter.from().getPartition()));
        return start != null && letter.from().getOffset() >= start.offset();
    }

    private <T extends GenericContainer> void sendAll(List<ProducerRecord<String, T>> records) {
        try (KafkaProducer<String, T> producer = kafka.producer()) {
            List<Future<RecordMetadata>> sent =
                    records.stream().map(producer::send).toList();
            for (Future<RecordMetadata> record : sent) {
                record.get();
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void startBehindOthers() {
        for (Topic topic : Topic.values()) {
            if (topic.topicName().startsWith("requests.") || topic == Topic.FEEDBACK) {
                kafka.ends(topic).forEach((partition, end) -> starts.put(partition, new OffsetAndMetadata(end)));
            }
        }
        startOver();
    }

    /** A job that begins anew reads all requests of this test once more. */
    void startOver() {
        try (Admin admin = kafka.admin()) {
            admin.alterConsumerGroupOffsets(group, starts).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
