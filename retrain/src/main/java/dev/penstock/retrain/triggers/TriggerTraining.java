package dev.penstock.retrain.triggers;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.retrain.alerts.Alerts;
import dev.penstock.retrain.runs.Range;
import dev.penstock.retrain.runs.TrainingOrder;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.OffsetRange;
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
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
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
    private transient AvroDeserializer<TrainingRun> trainings;
    private transient Alerts raised;
    private transient CommandAnswers answers;

    private transient ValueState<Standing> standing;
    private transient MapState<Integer, SeenRange> seen;
    /** By partition, the first offset that no published version was made with. */
    private transient MapState<Integer, Long> learned;
    /** By request. */
    private transient MapState<String, NewLabel> fresh;

    private transient ValueState<Integer> freshCount;
    private transient MapState<String, SourceCount> sources;
    private transient ValueState<Wish> wish;
    private transient ValueState<TrainingOrder> underWay;
    private transient ValueState<TrainingOrder> toRetry;
    private transient ValueState<Long> retryAt;
    private transient ValueState<Long> lastEnded;
    private transient ValueState<Long> firstLabelAt;
    /** Nothing is decided before that: a job that starts without state hears of the past in any order. */
    private transient ValueState<Long> settledAt;
    /**
     * Nothing is decided before that either: a job that starts from a checkpoint may have ordered since what it would order
     * again. Null until the task hears of anything.
     */
    private transient @Nullable Long restartedUntil;
    /** Ids of commands that were obeyed, with when they were read. */
    private transient MapState<String, Long> obeyed;

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
        trainings = AvroDeserializer.of(opened, TrainingRun.class);
        raised = new Alerts(opened, getRuntimeContext().getMetricGroup(), List.of(AlertCode.SUSPICIOUS_LABELS));
        answers = new CommandAnswers(opened);
        standing = state("standing", Standing.class);
        seen = map("seen-ranges", Types.INT, TypeInformation.of(SeenRange.class));
        learned = map("learned-offsets", Types.INT, Types.LONG);
        fresh = map("new-labels", Types.STRING, TypeInformation.of(NewLabel.class));
        freshCount = state("new-label-count", Integer.class);
        sources = map("sources", Types.STRING, TypeInformation.of(SourceCount.class));
        wish = state("wish", Wish.class);
        underWay = state("training-under-way", TrainingOrder.class);
        toRetry = state("training-to-retry", TrainingOrder.class);
        retryAt = state("retry-at", Long.class);
        lastEnded = state("last-ended", Long.class);
        firstLabelAt = state("first-label-at", Long.class);
        settledAt = state("settled-at", Long.class);
        obeyed = map("obeyed-commands", Types.STRING, Types.LONG);
    }

    private <T> ValueState<T> state(String name, Class<T> type) {
        return getRuntimeContext().getState(new ValueStateDescriptor<>(name, TypeInformation.of(type)));
    }

    private <K, V> MapState<K, V> map(String name, TypeInformation<K> keys, TypeInformation<V> values) {
        return getRuntimeContext().getMapState(new MapStateDescriptor<>(name, keys, values));
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
            case RUN -> run(read(trainings, Topic.TRAINING_RUNS, news), context);
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
            wake(now(context) + settings.settling().toMillis(), settledAt, context);
        }
    }

    private static void wake(long at, ValueState<Long> remembered, Context context) throws Exception {
        remembered.update(at);
        context.timerService().registerProcessingTimeTimer(at);
    }

    private static long now(Context context) {
        return context.timerService().currentProcessingTime();
    }

    private void example(TrainingNews news, Context context) throws Exception {
        SeenRange before = seen.get(news.partition());
        seen.put(
                news.partition(),
                before == null ? new SeenRange(news.offset(), news.offset() + 1) : before.with(news.offset()));
        Long learnedTo = learned.get(news.partition());
        // What was read before is read again by a job that lost its state.
        if ((learnedTo != null && news.offset() < learnedTo) || isBeingLearned(news)) {
            return;
        }
        if (firstLabelAt.value() == null) {
            firstLabelAt.update(now(context));
        }
        if (fresh.contains(news.subject())) {
            return;
        }
        TriggerSettings own = settings.of(news.model());
        SourceCount source = sources.get(news.source());
        source = source == null ? SourceCount.NONE : source;
        if (source.counted() < own.mostOfOneSource()) {
            fresh.put(news.subject(), new NewLabel(news.source(), news.partition(), news.offset()));
            sources.put(news.source(), new SourceCount(source.counted() + 1, source.beyond()));
            freshCount.update(count() + 1);
        } else {
            SourceCount flooding = new SourceCount(source.counted(), source.beyond() + 1);
            sources.put(news.source(), flooding);
            if (!LabelSource.isSilence(news.source()) && flooding.counted() + flooding.beyond() == own.newLabels()) {
                warnOf(news, own, context);
            }
        }
    }

    /** A record that the order under way names is not a reason for the next. */
    private boolean isBeingLearned(TrainingNews news) throws Exception {
        TrainingOrder order = underWay.value();
        return order != null
                && order.ranges().stream()
                        .anyMatch(range -> range.partition() == news.partition() && news.offset() < range.to());
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

    private int count() throws Exception {
        Integer count = freshCount.value();
        return count == null ? 0 : count;
    }

    private void alert(Alert alert, Context context) throws Exception {
        boolean isOfAnEarlierVersion = alert.getModelVersion() != null && alert.getModelVersion() < known().champion();
        if (settings.of(alert.getModel()).onDrift() && !isOfAnEarlierVersion && isValid(alert.getRaisedAt(), context)) {
            wishFor(new Wish(TrainingCause.DRIFT, alert.getMessage()));
        }
    }

    private boolean isValid(Instant given, Context context) {
        return given.toEpochMilli() >= now(context) - settings.validity().toMillis();
    }

    private void wishFor(Wish another) throws Exception {
        Wish before = wish.value();
        if (before == null || another.goesBefore(before)) {
            wish.update(another);
        } else if (another.cause() == TrainingCause.COMMAND) {
            wish.update(before.and(another));
        }
    }

    private void command(RolloutCommand command, Context context, Collector<TrainingOrder> out) throws Exception {
        if (obeyed.contains(command.getCommandId())) {
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
        forgetOldCommands(context);
        obeyed.put(command.getCommandId(), now(context));
        String said = "%s asked for it: %s".formatted(command.getActor(), command.getReason());
        if (command.getAction() == RolloutAction.TRAIN) {
            wishFor(new Wish(TrainingCause.COMMAND, said, List.of(command.getCommandId())));
        } else {
            cancel(command, said, context, out);
        }
    }

    private void cancel(RolloutCommand command, String said, Context context, Collector<TrainingOrder> out)
            throws Exception {
        List<String> answered = new ArrayList<>();
        Wish wished = wish.value();
        if (wished != null) {
            answered.addAll(wished.commandIds());
        }
        answered.add(command.getCommandId());
        boolean isNothing = wished == null && toRetry.value() == null;
        wish.clear();
        toRetry.clear();
        retryAt.clear();
        TrainingOrder order = underWay.value();
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

    /** A command that comes again after that is not valid any more. */
    private void forgetOldCommands(Context context) throws Exception {
        long oldest = now(context) - 2 * settings.validity().toMillis();
        Iterator<Map.Entry<String, Long>> entries = obeyed.iterator();
        while (entries.hasNext()) {
            if (entries.next().getValue() < oldest) {
                entries.remove();
            }
        }
    }

    private void run(TrainingRun run, Context context) throws Exception {
        TrainingPhase phase = run.getPhase();
        // What answers a command without a run ends none.
        if (!isEnd(phase) || run.getVersion() == null) {
            return;
        }
        TrainingOrder order = underWay.value();
        boolean isOurs = order != null && order.runId().equals(run.getRunId());
        if (phase == TrainingPhase.PUBLISHED || phase == TrainingPhase.REFUSED) {
            learn(run.getRanges());
            standing.update(known().made(run.getVersion(), phase == TrainingPhase.PUBLISHED));
        }
        if (isOurs || order == null) {
            long endedAt = isOurs ? now(context) : run.getReportedAt().toEpochMilli();
            Long before = lastEnded.value();
            lastEnded.update(before == null ? endedAt : Math.max(before, endedAt));
        }
        if (isOurs) {
            underWay.clear();
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
            toRetry.update(order);
            wake(now(context) + own.pauseBefore(order.attempt() + 1).toMillis(), retryAt, context);
        } else {
            LOG.warn("Giving up training {} after {} attempts", order.runId(), own.attempts());
        }
    }

    /** Labels that a published version was made with are not new any more. */
    private void learn(List<OffsetRange> ranges) throws Exception {
        for (OffsetRange range : ranges) {
            Long before = learned.get(range.getPartition());
            learned.put(range.getPartition(), before == null ? range.getTo() : Math.max(before, range.getTo()));
        }
        Map<String, Integer> forgotten = new HashMap<>();
        Iterator<Map.Entry<String, NewLabel>> labels = fresh.iterator();
        int left = count();
        while (labels.hasNext()) {
            NewLabel label = labels.next().getValue();
            Long to = learned.get(label.partition());
            if (to != null && label.offset() < to) {
                labels.remove();
                left--;
                forgotten.merge(label.source(), 1, Integer::sum);
            }
        }
        freshCount.update(left);
        for (Map.Entry<String, Integer> source : forgotten.entrySet()) {
            SourceCount before = sources.get(source.getKey());
            if (before != null) {
                sources.put(source.getKey(), new SourceCount(before.counted() - source.getValue(), 0));
            }
        }
    }

    private void decide(String model, Context context, Collector<TrainingOrder> out) throws Exception {
        long now = now(context);
        Long settled = settledAt.value();
        if (restartedUntil == null) {
            restartedUntil = now + settings.settling().toMillis();
        }
        if (underWay.value() != null || settled == null || now < settled || isBefore(restartedUntil, context)) {
            return;
        }
        TrainingOrder failed = toRetry.value();
        Long again = retryAt.value();
        if (failed != null && again != null) {
            boolean isAskedFor = isAskedForByAPerson();
            if (now >= again || isAskedFor) {
                TrainingOrder next = failed.again(Math.max(failed.version(), known().highest() + 1));
                order(isAskedFor ? next.askedForBy(wish.value().commandIds()) : next, out);
            }
            return;
        }
        Wish reason = reason(model, context);
        if (reason != null && known().parent() > 0 && !seen.isEmpty()) {
            order(first(model, reason), out);
        }
    }

    /** Null if there is none, or it has to wait. */
    private @Nullable Wish reason(String model, Context context) throws Exception {
        Wish wished = wish.value();
        if (isAskedForByAPerson()) {
            return wished;
        }
        TriggerSettings own = settings.of(model);
        int labels = count();
        if (labels == 0 || (known().isUndecided() && !own.whileOnTrial()) || isPausing(own, context)) {
            return null;
        }
        if (wished != null && labels >= own.leastLabels()) {
            return wished;
        }
        if (labels >= own.newLabels()) {
            return new Wish(TrainingCause.LABELS, "There are %d new labels".formatted(labels));
        }
        if (labels >= own.leastLabels() && isDue(own, context)) {
            return new Wish(
                    TrainingCause.SCHEDULE,
                    "%s have passed, and there are %d new labels".formatted(own.every(), labels));
        }
        return null;
    }

    private boolean isAskedForByAPerson() throws Exception {
        Wish wished = wish.value();
        return wished != null && wished.cause() == TrainingCause.COMMAND;
    }

    private boolean isPausing(TriggerSettings own, Context context) throws Exception {
        Long ended = lastEnded.value();
        return ended != null && isBefore(ended + own.pause().toMillis(), context);
    }

    private boolean isDue(TriggerSettings own, Context context) throws Exception {
        if (own.every().isZero()) {
            return false;
        }
        Long since = lastEnded.value();
        since = since == null ? firstLabelAt.value() : since;
        return since != null && !isBefore(since + own.every().toMillis(), context);
    }

    /** Then it is looked at again when the time has come. */
    private static boolean isBefore(long at, Context context) {
        if (now(context) >= at) {
            return false;
        }
        context.timerService().registerProcessingTimeTimer(at);
        return true;
    }

    private TrainingOrder first(String model, Wish reason) throws Exception {
        List<Range> ranges = new ArrayList<>();
        for (Map.Entry<Integer, SeenRange> entry : seen.entries()) {
            SeenRange range = entry.getValue();
            Long learnedTo = learned.get(entry.getKey());
            long newFrom = learnedTo == null ? range.from() : Math.max(range.from(), Math.min(learnedTo, range.to()));
            ranges.add(new Range(entry.getKey(), range.from(), newFrom, range.to()));
        }
        ranges.sort(Comparator.comparingInt(Range::partition));
        int version = known().highest() + 1;
        return new TrainingOrder(
                model,
                version,
                1,
                known().parent(),
                reason.cause(),
                ranges,
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

    private void order(TrainingOrder order, Collector<TrainingOrder> out) throws Exception {
        underWay.update(order);
        toRetry.clear();
        retryAt.clear();
        wish.clear();
        fresh.clear();
        freshCount.clear();
        sources.clear();
        firstLabelAt.clear();
        out.collect(order);
    }
}
