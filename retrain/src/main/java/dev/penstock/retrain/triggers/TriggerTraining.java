package dev.penstock.retrain.triggers;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.retrain.alerts.Alerts;
import dev.penstock.retrain.runs.TrainingOrder;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.TrainingCause;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when a model is trained, and on exactly what. Keyed by model. It reads {@code labelled-examples} as any reader
 * does, so that the offsets it has seen are part of its state, and an order names no other.
 *
 * <p>An order is in the state before it leaves, and no second one leaves until {@code training-runs} says how the first
 * ended.
 */
public final class TriggerTraining extends KeyedProcessFunction<String, TrainingNews, TrainingOrder> {
    /** Alerts about labels. */
    public static final OutputTag<OutputRecord> ALERTS =
            new OutputTag<>("trigger-alerts", TypeInformation.of(OutputRecord.class));

    /** Answers to commands that come to nothing. */
    public static final OutputTag<OutputRecord> REPORTS =
            new OutputTag<>("trigger-reports", TypeInformation.of(OutputRecord.class));

    private static final Logger LOG = LoggerFactory.getLogger(TriggerTraining.class);

    private final RegistryConnection registry;
    private final Settings settings;

    private transient AvroDeserializer<Alert> alerts;
    private transient AvroDeserializer<RolloutCommand> commands;
    private transient AvroDeserializer<RolloutState> rollouts;
    private transient AvroDeserializer<ModelVersion> versions;
    private transient AvroDeserializer<TrainingRun> runs;
    private transient Alerts raised;
    private transient CommandAnswers answers;

    private transient ValueState<Standing> standing;
    private transient NewLabels labels;
    private transient Wishes wishes;
    private transient Trainings trainings;
    private transient Triggers triggers;
    /** Nothing is decided before that: a job that starts without state hears of the past in any order. */
    private transient ValueState<Long> settledAt;
    /**
     * Nothing is decided before that either: a job that starts from a checkpoint may have ordered since what it would order
     * again. Null until the task hears of anything.
     */
    private transient @Nullable Long restartedUntil;

    /**
     * @param usual for models that have no others
     * @param byModel what is different for some
     * @param seed of all training; the same seed, model and version give the same training
     * @param settling how long a job that starts, with state or without, hears of the past before it decides anything
     * @param validity of commands and alerts: older ones are left alone
     */
    public record Settings(
            TriggerSettings usual,
            Map<String, TriggerSettings> byModel,
            long seed,
            Duration settling,
            Duration validity)
            implements Serializable {
        public Settings {
            byModel = Map.copyOf(byModel);
        }

        TriggerSettings of(String model) {
            return byModel.getOrDefault(model, usual);
        }
    }

    public TriggerTraining(RegistryConnection registry, Settings settings) {
        this.registry = registry;
        this.settings = settings;
    }

    @Override
    public void open(OpenContext context) {
        SchemaRegistry opened = registry.open();
        alerts = AvroDeserializer.of(opened, Alert.class);
        commands = AvroDeserializer.of(opened, RolloutCommand.class);
        rollouts = AvroDeserializer.of(opened, RolloutState.class);
        versions = AvroDeserializer.of(opened, ModelVersion.class);
        runs = AvroDeserializer.of(opened, TrainingRun.class);
        raised = new Alerts(opened, getRuntimeContext().getMetricGroup(), List.of(AlertCode.SUSPICIOUS_LABELS));
        answers = new CommandAnswers(opened);
        standing = getRuntimeContext()
                .getState(new ValueStateDescriptor<>("standing", TypeInformation.of(Standing.class)));
        labels = new NewLabels(getRuntimeContext());
        wishes = new Wishes(getRuntimeContext());
        trainings = new Trainings(getRuntimeContext());
        triggers = new Triggers(labels, wishes, trainings);
        settledAt = getRuntimeContext().getState(new ValueStateDescriptor<>("settled-at", Types.LONG));
    }

    @Override
    public void processElement(TrainingNews news, Context context, Collector<TrainingOrder> out) throws Exception {
        settle(context);
        switch (news.kind()) {
            case EXAMPLE -> example(news, context);
            case ALERT -> alert(read(alerts, Topic.ALERTS, news), context);
            case COMMAND -> command(read(commands, Topic.ROLLOUT_COMMANDS, news), context, out);
            case ROLLOUT -> follow(read(rollouts, Topic.ROLLOUTS, news));
            case VERSION -> standing.update(known().with(read(versions, Topic.MODEL_VERSIONS, news)));
            case RUN -> run(read(runs, Topic.TRAINING_RUNS, news), context);
        }
        decide(news.model(), context, out);
    }

    @Override
    public void onTimer(long at, OnTimerContext context, Collector<TrainingOrder> out) throws Exception {
        decide(context.getCurrentKey(), context, out);
    }

    private static <T extends SpecificRecord & GenericContainer> T read(
            AvroDeserializer<T> deserializer, Topic topic, TrainingNews news) {
        T value = deserializer.deserialize(topic.topicName(), news.value());
        if (value == null) {
            throw new IllegalStateException(
                    "Cannot decide on a record of topic '%s' without a value".formatted(topic.topicName()));
        }
        return value;
    }

    private Standing known() throws Exception {
        Standing known = standing.value();
        return known == null ? Standing.UNKNOWN : known;
    }

    private void follow(RolloutState rollout) throws Exception {
        Standing before = known();
        if (before.isAfter(rollout)) {
            LOG.warn(
                    "Leaving out the rollout of model '{}' as it was at {}: it is known as it was at {}; if two rollout jobs write, stop one of them",
                    rollout.getModel(),
                    rollout.getChangedAt(),
                    Instant.ofEpochMilli(before.judgedAt()));
        }
        standing.update(before.with(rollout));
    }

    private void settle(Context context) throws Exception {
        if (settledAt.value() == null) {
            long at = now(context) + settings.settling().toMillis();
            settledAt.update(at);
            context.timerService().registerProcessingTimeTimer(at);
        }
    }

    private static long now(Context context) {
        return context.timerService().currentProcessingTime();
    }

    private void example(TrainingNews news, Context context) throws Exception {
        labels.see(news);
        if (labels.isLearned(news) || trainings.isBeingLearned(news)) {
            return;
        }
        TriggerSettings own = settings.of(news.model());
        boolean isAlone = labels.add(news, own, now(context));
        if (isAlone && !LabelSource.isSilence(news.source())) {
            warnOf(news, own, context);
        }
    }

    private void warnOf(TrainingNews news, TriggerSettings own, Context context) {
        String source = LabelSource.described(news.source());
        context.output(
                ALERTS,
                raised.alert(
                        news.model(),
                        null,
                        AlertCode.SUSPICIOUS_LABELS,
                        "Source '%s' alone has given %d new labels for model '%s', of which %d count towards the %d that begin a training; look whether it can be trusted, or set triggers.largest-share-of-one-source to 1 if there is no other"
                                .formatted(
                                        source, own.newLabels(), news.model(), own.mostOfOneSource(), own.newLabels()),
                        Instant.ofEpochMilli(now(context))));
    }

    private void alert(Alert alert, Context context) throws Exception {
        boolean isOfAnEarlierVersion = alert.getModelVersion() != null && alert.getModelVersion() < known().champion();
        if (settings.of(alert.getModel()).onDrift() && !isOfAnEarlierVersion && isValid(alert.getRaisedAt(), context)) {
            wishes.add(new Wish(TrainingCause.DRIFT, alert.getMessage()));
        }
    }

    private boolean isValid(Instant given, Context context) {
        return given.toEpochMilli() >= now(context) - settings.validity().toMillis();
    }

    private void command(RolloutCommand command, Context context, Collector<TrainingOrder> out) throws Exception {
        if (wishes.isObeyed(command.getCommandId())) {
            return;
        }
        if (!isValid(command.getGivenAt(), context)) {
            LOG.warn(
                    "Leaving command {} of {} alone: it was given at {}, more than {} ago",
                    command.getCommandId(),
                    command.getActor(),
                    command.getGivenAt(),
                    settings.validity());
            return;
        }
        // One that comes again after twice its validity is not valid any more.
        long now = now(context);
        wishes.obey(command.getCommandId(), now, now - 2 * settings.validity().toMillis());
        String said = "%s asked for it: %s".formatted(command.getActor(), command.getReason());
        if (command.getAction() == RolloutAction.TRAIN) {
            wishes.add(new Wish(TrainingCause.COMMAND, said, List.of(command.getCommandId())));
        } else {
            cancel(command, said, context, out);
        }
    }

    private void cancel(RolloutCommand command, String said, Context context, Collector<TrainingOrder> out)
            throws Exception {
        List<String> answered = new ArrayList<>();
        Wish wished = wishes.waiting();
        if (wished != null) {
            answered.addAll(wished.commandIds());
        }
        answered.add(command.getCommandId());
        boolean isNothing = wished == null && trainings.toRetry() == null;
        wishes.clear();
        trainings.giveUp();
        TrainingOrder order = trainings.underWay();
        if (order != null) {
            out.collect(order.cancelled(said, answered));
        } else {
            context.output(
                    REPORTS,
                    answers.nothing(
                            command.getModel(),
                            TrainingPhase.CANCELLED,
                            isNothing
                                    ? "Cannot cancel the training of model '%s': none is under way or waits (%s)"
                                            .formatted(command.getModel(), said)
                                    : "What was to be trained is not begun: " + said,
                            answered,
                            Instant.ofEpochMilli(now(context))));
        }
    }

    private void run(TrainingRun run, Context context) throws Exception {
        TrainingPhase phase = run.getPhase();
        // What answers a command without a run ends none.
        if (!isEnd(phase) || run.getVersion() == null) {
            return;
        }
        TrainingOrder order = trainings.underWay();
        boolean isOurs = order != null && order.runId().equals(run.getRunId());
        if (phase == TrainingPhase.PUBLISHED || phase == TrainingPhase.REFUSED) {
            labels.learn(run.getRanges());
            standing.update(known().made(run.getVersion(), phase == TrainingPhase.PUBLISHED));
        }
        if (isOurs || order == null) {
            trainings.ended(isOurs ? now(context) : run.getReportedAt().toEpochMilli());
        }
        if (isOurs) {
            trainings.clear();
            if (phase == TrainingPhase.FAILED) {
                retryOrGiveUp(order, context);
            }
        }
    }

    private static boolean isEnd(TrainingPhase phase) {
        return switch (phase) {
            case PUBLISHED, REFUSED, CANCELLED, FAILED -> true;
            case STARTED, LEARNING, JUDGING, UNKNOWN -> false;
        };
    }

    private void retryOrGiveUp(TrainingOrder order, Context context) throws Exception {
        TriggerSettings own = settings.of(order.model());
        if (order.attempt() < own.attempts()) {
            long at = now(context) + own.pauseBefore(order.attempt() + 1).toMillis();
            trainings.retry(order, at);
            context.timerService().registerProcessingTimeTimer(at);
        } else {
            LOG.warn("Giving up training {} after {} attempts", order.runId(), own.attempts());
        }
    }

    private void decide(String model, Context context, Collector<TrainingOrder> out) throws Exception {
        long now = now(context);
        Long settled = settledAt.value();
        if (restartedUntil == null) {
            restartedUntil = now + settings.settling().toMillis();
        }
        if (trainings.underWay() != null
                || settled == null
                || now < settled
                || Triggers.isBefore(restartedUntil, context.timerService())) {
            return;
        }
        TrainingOrder failed = trainings.toRetry();
        if (failed != null) {
            if (wishes.isAPersons() || trainings.isRetryDue(now)) {
                again(failed, out);
            }
            return;
        }
        Wish reason = triggers.reason(known(), settings.of(model), context.timerService());
        if (reason != null && known().parent() > 0 && labels.areSeen()) {
            TrainingOrder first = first(model, reason);
            wishes.clear();
            labels.clear();
            order(first, out);
        }
    }

    private TrainingOrder first(String model, Wish reason) throws Exception {
        int version = known().highest() + 1;
        return new TrainingOrder(
                model,
                version,
                1,
                known().parent(),
                reason.cause(),
                labels.ranges(),
                seed(model, version),
                reason.reason(),
                false,
                reason.commandIds());
    }

    private long seed(String model, int version) {
        long mixed = settings.seed() * 31 + model.hashCode();
        // Positive, since people read and type it.
        return new SplittableRandom(mixed * 31 + version).nextLong() >>> 1;
    }

    /** It learns from what it would have at first: whatever came since is a reason for the next training. */
    private void again(TrainingOrder failed, Collector<TrainingOrder> out) throws Exception {
        TrainingOrder next = failed.again(Math.max(failed.version(), known().highest() + 1));
        if (wishes.isAPersons()) {
            next = next.askedForBy(wishes.waiting().commandIds());
            wishes.clear();
        }
        order(next, out);
    }

    private void order(TrainingOrder order, Collector<TrainingOrder> out) throws Exception {
        trainings.begin(order);
        out.collect(order);
    }
}
