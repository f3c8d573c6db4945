package dev.penstock.cli.demo.story;

import dev.penstock.cli.connection.PlatformAddress;
import dev.penstock.models.transit.TopicFollower;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * What the loop says of itself while it runs: versions, trainings, stages, alerts and what shadows would have decided. To be
 * opened while nothing has happened yet; the caller closes it. Thread-safe.
 */
public final class Chronicle implements AutoCloseable {
    private static final Set<RolloutStage> ENDS =
            Set.of(RolloutStage.ROLLED_BACK, RolloutStage.REFUSED, RolloutStage.RETIRED);

    private final List<RolloutEvent> events = new ArrayList<>();
    private final List<TrainingRun> reports = new ArrayList<>();
    private final Map<String, ModelVersion> versions = new TreeMap<>();
    private final List<Alert> alerts = new ArrayList<>();
    private final Deque<TopicFollower<?>> followers = new ArrayDeque<>();
    private final PlatformAddress address;
    private final SchemaRegistry registry;

    private Chronicle(PlatformAddress address, SchemaRegistry registry) {
        this.address = address;
        this.registry = registry;
    }

    /**
     * @param shadows told of what versions that only shadow decide
     * @param told of everything that happens to a version, once
     */
    public static Chronicle open(
            PlatformAddress address,
            SchemaRegistry registry,
            Consumer<Prediction> shadows,
            Consumer<RolloutEvent> told) {
        Chronicle chronicle = new Chronicle(address, registry);
        chronicle.follow(Topic.ROLLOUT_HISTORY, RolloutEvent.class, event -> {
            if (chronicle.happened(event)) {
                told.accept(event);
            }
        });
        chronicle.follow(Topic.TRAINING_RUNS, TrainingRun.class, chronicle::reported);
        chronicle.follow(Topic.MODEL_VERSIONS, ModelVersion.class, chronicle::announced);
        chronicle.follow(Topic.ALERTS, Alert.class, chronicle::raised);
        chronicle.follow(Topic.SHADOW_PREDICTIONS, Prediction.class, shadows);
        return chronicle;
    }

    private <T extends SpecificRecord & GenericContainer> void follow(
            Topic topic, Class<T> type, Consumer<T> listener) {
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                address.brokers(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed");
        followers.push(new TopicFollower<>(
                topic,
                () -> new KafkaConsumer<>(settings, new StringDeserializer(), AvroDeserializer.of(registry, type)),
                new TopicFollower.Listener<T>() {
                    @Override
                    public void began(List<T> values) {
                        values.forEach(listener);
                    }

                    @Override
                    public void came(T value) {
                        listener.accept(value);
                    }
                }));
    }

    /** @return whether it is new: it is written again after a restart */
    private synchronized boolean happened(RolloutEvent event) {
        return !events.contains(event) && events.add(event);
    }

    private synchronized void reported(TrainingRun report) {
        reports.add(report);
    }

    private synchronized void announced(ModelVersion version) {
        versions.put(version.getModel() + "/" + version.getVersion(), version);
    }

    private synchronized void raised(Alert alert) {
        alerts.add(alert);
    }

    /** Everything that happened to a model's versions, in the order in which it happened. */
    public synchronized List<RolloutEvent> events(String model) {
        return events.stream()
                .filter(event -> event.getModel().equals(model))
                .sorted(Comparator.comparing(RolloutEvent::getHappenedAt))
                .toList();
    }

    /** The first time that the version reached the stage. */
    public Optional<RolloutEvent> reached(String model, int version, RolloutStage stage) {
        return events(model).stream()
                .filter(event -> event.getVersion() == version && event.getStage() == stage)
                .findFirst();
    }

    /** What ended the version's trial or service, if anything has. */
    public Optional<RolloutEvent> ended(String model, int version) {
        return events(model).stream()
                .filter(event -> event.getVersion() == version && ENDS.contains(event.getStage()))
                .findFirst();
    }

    /** The version that became champion last; 0 before one did. */
    public int champion(String model) {
        return events(model).stream()
                .filter(event -> event.getStage() == RolloutStage.CHAMPION)
                .reduce((before, after) -> after)
                .map(RolloutEvent::getVersion)
                .orElse(0);
    }

    /** What happened last. */
    public Optional<RolloutEvent> last(String model) {
        return events(model).stream().reduce((before, after) -> after);
    }

    /** The last report of the run that made the version, or was to. */
    public synchronized Optional<TrainingRun> training(String model, int version) {
        return reports.stream()
                .filter(report -> report.getModel().equals(model)
                        && report.getVersion() != null
                        && report.getVersion() == version)
                .reduce((before, after) -> after);
    }

    /** Runs that have begun. */
    public synchronized long trainings(String model) {
        return reports.stream()
                .filter(report -> report.getModel().equals(model) && report.getPhase() == TrainingPhase.STARTED)
                .map(TrainingRun::getRunId)
                .distinct()
                .count();
    }

    /** The lowest first. */
    public synchronized List<ModelVersion> versions(String model) {
        return versions.values().stream()
                .filter(version -> version.getModel().equals(model))
                .sorted(Comparator.comparing(ModelVersion::getVersion))
                .toList();
    }

    public synchronized List<Alert> alerts(String model) {
        return alerts.stream().filter(alert -> alert.getModel().equals(model)).toList();
    }

    @Override
    public void close() {
        while (!followers.isEmpty()) {
            followers.pop().close();
        }
    }
}
