package dev.penstock.rollout.deciding;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.rollout.decisions.Decisions;
import dev.penstock.rollout.decisions.Happening;
import dev.penstock.rollout.decisions.ModelRollout;
import dev.penstock.rollout.drift.DriftReport;
import dev.penstock.rollout.joining.Observation;
import dev.penstock.rollout.plan.ModelPlans;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of everything that concerns a model and writes down what follows: {@link ModelRollout} decides, this keeps it.
 * Keyed by model. Models are few and told of much, so their rollouts are objects, and become bytes for a checkpoint only;
 * a function cannot do that for all its keys, an operator can.
 *
 * <p>Records are written at least once. What was written holds: a task that begins takes up the rollouts that it finds in
 * their topic, where they are newer than its own.
 */
public final class DecideRollouts extends AbstractStreamOperator<OutputRecord>
        implements TwoInputStreamOperator<Observation, Notice, OutputRecord> {
    private static final Logger LOG = LoggerFactory.getLogger(DecideRollouts.class);
    private static final String STATE = "model-rollout";

    private final Set<String> models;
    private final ModelPlans plans;
    private final Duration tick;
    private final RegistryConnection registry;
    private final KnownRollouts topics;

    private transient ValueState<KeptRollout> kept;
    private transient Map<String, Running> rollouts;
    private transient KnownRollouts.Known known;
    private transient WriteDecisions writing;
    private transient AvroDeserializer<ModelVersion> announcements;
    private transient AvroDeserializer<RolloutCommand> commands;
    private transient AvroDeserializer<Alert> alerts;

    /** A rollout in this task. */
    private static final class Running {
        private final ModelRollout rollout;
        private final RolloutGauges gauges;
        /** The version that drifts; 0 if none does. */
        private int driftingVersion;
        /** When it was written what this began with, without a checkpoint. */
        private Instant tookUp = Instant.EPOCH;

        Running(ModelRollout rollout, RolloutGauges gauges, int driftingVersion) {
            this.rollout = rollout;
            this.gauges = gauges;
            this.driftingVersion = driftingVersion;
        }
    }

    /**
     * @param models that pipelines ask; it hears of no other
     * @param tick how often each model is looked at when nothing else asks for it
     */
    public DecideRollouts(
            Set<String> models, ModelPlans plans, Duration tick, RegistryConnection registry, KnownRollouts topics) {
        this.models = Set.copyOf(models);
        this.plans = plans;
        this.tick = tick;
        this.registry = registry;
        this.topics = topics;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        kept = context.getKeyedStateStore()
                .getState(new ValueStateDescriptor<>(STATE, TypeInformation.of(KeptRollout.class)));
    }

    @Override
    public void open() throws Exception {
        super.open();
        SchemaRegistry opened = registry.open();
        writing = new WriteDecisions(opened, getMetricGroup());
        announcements = AvroDeserializer.of(opened, ModelVersion.class);
        commands = AvroDeserializer.of(opened, RolloutCommand.class);
        alerts = AvroDeserializer.of(opened, Alert.class);
        known = topics.read();
        rollouts = new HashMap<>();
        restore();
        tickLater();
    }

    @Override
    public void processElement1(StreamRecord<Observation> element) throws Exception {
        Observation observation = element.getValue();
        happen(observation.model(), observation.happening());
    }

    @Override
    public void processElement2(StreamRecord<Notice> element) throws Exception {
        Notice notice = element.getValue();
        String topic = notice.topic();
        if (notice.drift() != null) {
            hear(notice.drift());
        } else if (topic.equals(Topic.MODEL_VERSIONS.topicName())) {
            ModelVersion version = Objects.requireNonNull(announcements.deserialize(topic, notice.value()));
            happen(notice.model(), new Happening.Announced(List.of(version)));
        } else if (topic.equals(Topic.ROLLOUT_COMMANDS.topicName())) {
            RolloutCommand command = Objects.requireNonNull(commands.deserialize(topic, notice.value()));
            if (!known.obeyed().contains(command.getCommandId())) {
                happen(notice.model(), new Happening.Commanded(command));
            }
        } else if (topic.equals(Topic.ALERTS.topicName())) {
            Alert alert = Objects.requireNonNull(alerts.deserialize(topic, notice.value()));
            // What was refused before the rollout was written was known to who wrote it.
            if (running(notice.model()).tookUp.isBefore(alert.getRaisedAt())) {
                happen(
                        notice.model(),
                        new Happening.Refused(Objects.requireNonNull(alert.getModelVersion()), alert.getMessage()));
            }
        } else {
            throw new IllegalStateException("Cannot use a notice of topic '%s'".formatted(topic));
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        for (Map.Entry<String, Running> entry : rollouts.entrySet()) {
            setCurrentKey(entry.getKey());
            Running running = entry.getValue();
            kept.update(new KeptRollout(running.rollout.toBytes(), running.driftingVersion));
        }
    }

    private void restore() throws Exception {
        List<String> remembered;
        try (var keys = getKeyedStateBackend().<VoidNamespace>getKeys(STATE, VoidNamespace.INSTANCE)) {
            remembered = keys.map(String.class::cast).toList();
        }
        for (String model : remembered) {
            if (!models.contains(model)) {
                // Its bytes stay in the checkpoint, in case that its pipeline comes back.
                LOG.info("Leaving the rollout of '{}' as it is: no pipeline asks that model any more", model);
                continue;
            }
            setCurrentKey(model);
            KeptRollout bytes = kept.value();
            ModelRollout rollout = ModelRollout.restore(bytes.rollout(), plans.of(model), WriteDecisions.STEPS_KEPT);
            Running running = run(model, rollout, bytes.driftingVersion());
            RolloutState written = known.states().get(model);
            if (written != null
                    && rollout.state()
                            .map(own -> own.getChangedAt().isBefore(written.getChangedAt()))
                            .orElse(true)) {
                LOG.info("Taking up the rollout of '{}' as it was written at {}", model, written.getChangedAt());
                follow(running, rollout.adopt(written, now()));
            }
        }
    }

    private Running running(String model) {
        Running running = rollouts.get(model);
        if (running != null) {
            return running;
        }
        ModelRollout rollout = ModelRollout.begin(model, plans.of(model), WriteDecisions.STEPS_KEPT);
        Running begun = run(model, rollout, 0);
        RolloutState written = known.states().get(model);
        if (written != null) {
            LOG.info(
                    "Taking up the rollout of '{}' without its evidence: written at {}", model, written.getChangedAt());
            begun.tookUp = written.getChangedAt();
            follow(begun, rollout.adopt(written, now()));
        }
        List<ModelVersion> announced = known.announced().getOrDefault(model, List.of());
        if (!announced.isEmpty()) {
            // Together: one by one the first would become the champion, and not the highest.
            decide(begun, new Happening.Announced(announced));
        }
        return begun;
    }

    private Running run(String model, ModelRollout rollout, int driftingVersion) {
        Running running = new Running(rollout, new RolloutGauges(getMetricGroup(), model), driftingVersion);
        running.gauges.show(rollout.state());
        rollouts.put(model, running);
        return running;
    }

    private void happen(String model, Happening happening) {
        decide(running(model), happening);
    }

    private void hear(DriftReport report) {
        Running running = running(report.model());
        boolean isServing = running.rollout.champion().orElse(0) == report.version();
        if (isServing) {
            running.gauges.show(report, now());
        }
        if (isServing && report.drifting() && running.driftingVersion != report.version()) {
            running.driftingVersion = report.version();
            decide(running, new Happening.DriftSeen(true, report.sentence()));
        } else if (!report.drifting() && running.driftingVersion == report.version()) {
            running.driftingVersion = 0;
            decide(running, new Happening.DriftSeen(false, report.sentence()));
        }
    }

    private void decide(Running running, Happening happening) {
        Decisions decisions = running.rollout.on(happening, now());
        if (!decisions.isEmpty()) {
            follow(running, decisions);
        }
    }

    /** Also where nothing is decided: what was taken up may be another state than was known. */
    private void follow(Running running, Decisions decisions) {
        writing.records(decisions, record -> output.collect(new StreamRecord<>(record)));
        running.gauges.show(running.rollout.state());
        decisions.evaluations().forEach(evaluation -> running.gauges.show(evaluation, now()));
        int champion = running.rollout.champion().orElse(0);
        if (running.driftingVersion != 0 && running.driftingVersion != champion) {
            // Nobody watches it any more, so that nobody would say that it is over.
            running.driftingVersion = 0;
            decide(
                    running,
                    new Happening.DriftSeen(
                            false, "Version %d serves now, which has yet to be watched".formatted(champion)));
        }
    }

    private void tickLater() {
        ScheduledFuture<?> unused = getProcessingTimeService()
                .registerTimer(getProcessingTimeService().getCurrentProcessingTime() + tick.toMillis(), time -> {
                    for (Running running : rollouts.values()) {
                        decide(running, new Happening.Ticked());
                        running.gauges.forget(now());
                    }
                    tickLater();
                });
    }

    private Instant now() {
        return Instant.ofEpochMilli(getProcessingTimeService().getCurrentProcessingTime());
    }
}
