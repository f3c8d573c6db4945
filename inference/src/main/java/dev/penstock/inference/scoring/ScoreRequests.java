package dev.penstock.inference.scoring;

import dev.penstock.flink.GivenGpus;
import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.crashes.Suspects.Standing;
import dev.penstock.inference.requests.DeadLetters;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.requests.RequestReader;
import dev.penstock.inference.versions.Followed;
import dev.penstock.inference.versions.ModelLoader;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.inference.versions.ServedModels;
import dev.penstock.inference.versions.Serving;
import dev.penstock.models.transit.TopicFollower;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;

/**
 * Gives every request its one outcome with the version that its model's rollout assigns it to, or the one that serves
 * where there is no rollout. Requests are gathered into batches and scored beside the task; before a checkpoint's barrier
 * passes, all of them are answered. Announced versions are loaded beside the task and take over between two batches.
 *
 * <p>Nobody is answered before the task has heard of all versions and rollouts that there were when it began: else a
 * newer version that is unproven would serve for a moment after a restart. Requests for a model without any version
 * wait, in the checkpoint too. When too many wait, the task stops reading:
 * back-pressure reaches the source, and Kafka keeps the rest.
 */
public final class ScoreRequests extends AbstractStreamOperator<OutputRecord>
        implements OneInputStreamOperator<InputRecord, OutputRecord> {
    /** Outcomes that are to be written in transactions; all others leave by the main output. */
    public static final OutputTag<OutputRecord> EXACTLY_ONCE =
            new OutputTag<>("exactly-once", TypeInformation.of(OutputRecord.class));

    private static final ListStateDescriptor<InputRecord> WAITING =
            new ListStateDescriptor<>("waiting-requests", TypeInformation.of(InputRecord.class));
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);
    /** For shadows when the inputs have ended; at a checkpoint they are not waited for at all. */
    private static final Duration SHADOW_PATIENCE = Duration.ofSeconds(1);

    private static final int HISTOGRAM_SAMPLES = 100;

    private final Settings settings;
    private final MailboxExecutor mailbox;

    private transient WaitingRoom waiting;
    private transient RequestReader reader;
    private transient TaskScoring scoring;
    private transient ServedModels models;
    private transient Alerts alerts;
    private transient MemoryGauges memory;
    private transient ListState<InputRecord> waitingState;
    private transient Histogram flushMillis;
    private transient Histogram swapMillis;
    private transient Histogram rolloutLag;
    private transient Counter predictions;
    private transient Counter deadLetters;
    private transient Set<ModelVersion> misplaced;
    private transient boolean saidFull;
    private transient boolean hasHeardVersions;
    private transient boolean hasHeardRollouts;
    /** What was opened, the last first. */
    private transient Deque<AutoCloseable> opened;

    /**
     * Everything that the operator is made of; shipped to where it runs.
     *
     * @param modality of the requests topic that this operator reads
     * @param pipelines all there are, of every modality, so that a stray request can be told what it is
     * @param scored names of those whose requests come here
     * @param crashDirectory where it is written down what is being scored, for the process that comes after a crash
     * @param delivery of alerts and of what belongs to no pipeline
     * @param loaded what of models may be loaded at a time
     */
    public record Settings(
            Modality modality,
            List<PipelineBinding> pipelines,
            Set<String> scored,
            RegistryConnection registry,
            ModelLoader loader,
            Followed<ModelVersion> announcements,
            Followed<RolloutState> rollouts,
            int waitingRecords,
            long waitingBytes,
            ServedModels.Limits loaded,
            String crashDirectory,
            Delivery delivery,
            Clock clock)
            implements Serializable {
        public Settings {
            pipelines = List.copyOf(pipelines);
            scored = Set.copyOf(scored);
        }

        /** Those whose requests come here, batched as suits the device where this is called. */
        public List<PipelineBinding> own() {
            return pipelines.stream()
                    .filter(pipeline -> scored.contains(pipeline.pipeline()))
                    .map(pipeline -> pipeline.on(loader.device()))
                    .toList();
        }
    }

    ScoreRequests(StreamOperatorParameters<OutputRecord> parameters, Settings settings) {
        super(parameters);
        this.settings = settings;
        this.mailbox = parameters.getMailboxExecutor();
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        waitingState = context.getOperatorStateStore().getListState(WAITING);
    }

    @Override
    public void open() throws Exception {
        super.open();
        GivenGpus.indexes(getRuntimeContext()).ifPresent(settings.loader()::useGpus);
        SchemaRegistry registry = settings.registry().open();
        opened = new ArrayDeque<>();
        misplaced = new HashSet<>();
        waiting = new WaitingRoom(new WaitingRoom.Limits(settings.waitingRecords(), settings.waitingBytes()));
        reader = new RequestReader(registry, settings.pipelines());
        alerts = new Alerts(new AvroSerializer<>(registry), settings.clock(), getMetricGroup());
        memory = new MemoryGauges(getMetricGroup());
        models = new ServedModels(
                settings.loader(),
                Executors.newSingleThreadScheduledExecutor(ScoreRequests::loadingThread),
                work -> onTaskThread(work, "model versions"),
                settings.loaded(),
                RETRY_PAUSE,
                new Listener());
        opened.push(models);
        scoring = new TaskScoring(
                settings,
                registry,
                getMetricGroup(),
                work -> onTaskThread(work, "scoring"),
                models::closeRetired,
                (pipeline, outcome) -> emit(pipeline.delivery(), outcome));
        opened.push(scoring);
        registerMetrics();
        for (InputRecord request : waitingState.get()) {
            resume(request);
        }
        opened.push(settings.announcements().follow(new Announced()));
        opened.push(settings.rollouts().follow(new Rollouts()));
    }

    private void registerMetrics() {
        MetricGroup metrics = getMetricGroup();
        predictions = metrics.counter("predictions");
        deadLetters = metrics.counter("dead-letters");
        metrics.gauge("waiting-requests", waiting::size);
        metrics.gauge("resident-versions", this::residentVersions);
        flushMillis = metrics.histogram("flush-millis", new DescriptiveStatisticsHistogram(HISTOGRAM_SAMPLES));
        rolloutLag = metrics.histogram("rollout-lag-millis", new DescriptiveStatisticsHistogram(HISTOGRAM_SAMPLES));
        swapMillis = metrics.histogram("swap-millis", new DescriptiveStatisticsHistogram(HISTOGRAM_SAMPLES));
        for (PipelineBinding pipeline : settings.own()) {
            MetricGroup own = metrics.addGroup("pipeline", pipeline.pipeline());
            own.gauge(
                    "serving-version",
                    () -> number(models.serving(pipeline.model()).map(Serving::champion)));
            own.gauge(
                    "candidate-version",
                    () -> number(models.serving(pipeline.model()).flatMap(Serving::candidate)));
        }
    }

    @Override
    public void processElement(StreamRecord<InputRecord> element) throws InterruptedException {
        handle(element.getValue());
    }

    /** Nothing is under way when the barrier passes: a restart neither loses nor repeats it. */
    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        super.prepareSnapshotPreBarrier(checkpointId);
        flush();
    }

    /** The inputs have ended: whoever waits for a version that is on its way is answered still. */
    @Override
    public void finish() throws Exception {
        boolean isHearing = true;
        while (isHearing) {
            isHearing = mailbox.tryYield();
        }
        while (waiting.models().stream().anyMatch(models::isAwaiting)) {
            mailbox.yield();
        }
        flush();
        finishShadows();
        if (waiting.size() > 0) {
            LOG.warn(
                    "Ending with {} unanswered requests: models {} have no version; they stay in the last checkpoint",
                    waiting.size(),
                    waiting.models());
        }
        super.finish();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        waitingState.update(waiting.all());
    }

    /** In turn: what cannot be closed is used still by something that was opened before it. */
    @Override
    public void close() throws Exception {
        try {
            while (opened != null && !opened.isEmpty()) {
                opened.pop().close();
            }
        } finally {
            super.close();
        }
    }

    private void handle(InputRecord record) throws InterruptedException {
        Optional<Request.Addressed> request = addressed(record);
        if (request.isPresent()) {
            score(request.get());
        }
    }

    /** A request that waited before a restart waits again, even beyond the limits: it is in memory already. */
    private void resume(InputRecord record) {
        addressed(record).ifPresent(request -> waiting.add(request.pipeline().model(), record));
    }

    /** Empty for what is not a request that can be served; then its dead letter is written. */
    private Optional<Request.Addressed> addressed(InputRecord record) {
        Request request = reader.read(record);
        if (request instanceof Request.Undeliverable undeliverable) {
            emit(settings.delivery(), undeliverable.deadLetter());
            return Optional.empty();
        }
        if (request instanceof Request.Addressed addressed) {
            if (!settings.scored().contains(addressed.pipeline().pipeline())) {
                emit(addressed.pipeline().delivery(), elsewhere(addressed));
                return Optional.empty();
            }
            if (scoring.standing(record) == Standing.CONVICTED) {
                emit(addressed.pipeline().delivery(), crashed(addressed));
                return Optional.empty();
            }
            return Optional.of(addressed);
        }
        throw new IllegalStateException("Cannot handle unknown request: " + request);
    }

    /** Only a request that waited while the job was defined anew can have come to the wrong place. */
    private static OutputRecord elsewhere(Request.Addressed request) {
        return DeadLetters.of(
                request,
                DeadLetterCode.UNKNOWN_PIPELINE,
                "Cannot score for pipeline '%s' here: it got rolling features while this request waited for a first version; send it again"
                        .formatted(request.pipeline().pipeline()),
                null);
    }

    private static OutputRecord crashed(Request.Addressed request) {
        return DeadLetters.of(
                request,
                DeadLetterCode.CRASHED_MODEL,
                "Cannot score with model '%s': the process died twice while it scored this record, the second time with nothing else; look for its last words in the log of the process"
                        .formatted(request.pipeline().model()),
                null);
    }

    private void score(Request.Addressed request) throws InterruptedException {
        String model = request.pipeline().model();
        // Yielding runs what the loading and scoring threads hand over; nothing else of this task's goes on meanwhile.
        while (models.serving(model).isEmpty() && waiting.isFull()) {
            sayThatItIsFull(model);
            mailbox.yield();
        }
        while (!scoring.hasRoomFor(request)) {
            mailbox.yield();
        }
        Optional<Serving> serving = models.serving(model);
        if (serving.isPresent()) {
            scoring.score(
                    request,
                    serving.get()
                            .of(
                                    request.content().getEntityId(),
                                    request.record().timestamp()));
        } else {
            waiting.add(model, request.record());
        }
    }

    /** Shadows get a moment for what they were asked; nothing of theirs is promised. */
    private void finishShadows() throws InterruptedException {
        long start = System.nanoTime();
        scoring.after(SHADOW_PATIENCE, () -> {});
        while (!scoring.areShadowsDone() && System.nanoTime() - start < SHADOW_PATIENCE.toNanos()) {
            mailbox.yield();
        }
        scoring.endShadows();
    }

    private void flush() throws InterruptedException {
        long start = System.nanoTime();
        scoring.flush();
        while (!scoring.isEmpty()) {
            mailbox.yield();
        }
        flushMillis.update(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    /** @throws java.util.concurrent.RejectedExecutionException if the task is closing */
    private void onTaskThread(Runnable work, String description) {
        mailbox.execute(work::run, description);
    }

    private void sayThatItIsFull(String model) {
        if (!saidFull) {
            saidFull = true;
            emit(settings.delivery(), alerts.waiting(model, waiting.size()));
        }
    }

    private void announce(ModelVersion version) {
        if (!isAskedFor(version.getModel())) {
            return;
        }
        if (version.getModality() == settings.modality()) {
            models.announce(version);
        } else if (misplaced.add(version)) {
            emit(
                    settings.delivery(),
                    models.knows(version)
                            ? alerts.contradicted(
                                    version,
                                    "it reads %s now, but its pipelines carry %s"
                                            .formatted(version.getModality(), settings.modality()))
                            : alerts.misplaced(version, settings.modality()));
        }
    }

    private void follow(RolloutState rollout) {
        if (isAskedFor(rollout.getModel()) && !rollout.getSteps().isEmpty()) {
            models.follow(rollout);
        }
    }

    private void hear() {
        if (hasHeardVersions && hasHeardRollouts) {
            models.heardAll();
        }
    }

    private boolean isAskedFor(String model) {
        return settings.own().stream().anyMatch(pipeline -> pipeline.model().equals(model));
    }

    private final class Announced implements TopicFollower.Listener<ModelVersion> {
        @Override
        public void began(List<ModelVersion> versions) {
            onTaskThread(
                    () -> {
                        versions.stream()
                                .sorted(Comparator.comparing(ModelVersion::getVersion)
                                        .reversed())
                                .forEach(ScoreRequests.this::announce);
                        hasHeardVersions = true;
                        hear();
                    },
                    "announced versions");
        }

        @Override
        public void came(ModelVersion version) {
            onTaskThread(() -> announce(version), "announced version");
        }
    }

    private final class Rollouts implements TopicFollower.Listener<RolloutState> {
        @Override
        public void began(List<RolloutState> rollouts) {
            onTaskThread(
                    () -> {
                        rollouts.forEach(ScoreRequests.this::follow);
                        hasHeardRollouts = true;
                        hear();
                    },
                    "rollouts");
        }

        @Override
        public void came(RolloutState rollout) {
            onTaskThread(
                    () -> {
                        follow(rollout);
                        rolloutLag.update(settings.clock().millis()
                                - rollout.getChangedAt().toEpochMilli());
                    },
                    "rollout");
        }
    }

    private final class Listener implements ServedModels.Listener {
        @Override
        public void loaded(ServedModel served, Duration took) {
            swapMillis.update(took.toMillis());
            memory.watch(served);
        }

        @Override
        public void serves(String model) {
            saidFull = false;
            try {
                for (InputRecord record : waiting.leave(model)) {
                    handle(record);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancellationException("Cancelled before all who waited for a first version were answered");
            }
        }

        @Override
        public void freed(ServedModel served) {
            memory.forget(served);
        }

        @Override
        public boolean isInUse(ServedModel served) {
            return scoring.isInUse(served);
        }

        @Override
        public void refused(ModelVersion version, String reason) {
            emit(settings.delivery(), alerts.refused(version, reason));
        }

        @Override
        public void contradicted(ModelVersion version, String reason) {
            emit(settings.delivery(), alerts.contradicted(version, reason));
        }
    }

    private void emit(Delivery delivery, OutputRecord outcome) {
        if (outcome.topic().equals(Topic.PREDICTIONS.topicName())) {
            predictions.inc();
        } else if (outcome.topic().equals(Topic.DEAD_LETTERS.topicName())) {
            deadLetters.inc();
        }
        if (delivery == Delivery.EXACTLY_ONCE) {
            output.collect(EXACTLY_ONCE, new StreamRecord<>(outcome));
        } else {
            output.collect(new StreamRecord<>(outcome));
        }
    }

    /** 0 for none. */
    private static int number(Optional<ServedModel> served) {
        return served.map(each -> each.version().getVersion()).orElse(0);
    }

    int residentVersions() {
        return models.residentVersions();
    }

    private static Thread loadingThread(Runnable work) {
        Thread thread = new Thread(work, "model-loading");
        thread.setDaemon(true);
        return thread;
    }
}
