package dev.penstock.inference.scoring;

import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.batching.MicroBatcher;
import dev.penstock.inference.crashes.Suspects;
import dev.penstock.inference.crashes.Suspects.Standing;
import dev.penstock.inference.records.InputRecord;
import dev.penstock.inference.records.OutputRecord;
import dev.penstock.inference.records.RegistryConnection;
import dev.penstock.inference.versions.Announcements;
import dev.penstock.inference.versions.ModelLoader;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.inference.versions.ServedModels;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Gives every request its one outcome with the version that serves when it comes. Requests are gathered into batches
 * and scored beside the task; before a checkpoint's barrier passes, all of them are answered. Announced versions are
 * loaded beside the task and take over between two batches.
 *
 * <p>Requests for a model without any version wait, in the checkpoint too. When too many wait, the task stops reading:
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
    /** A call of a model cannot be interrupted; this is longer than one should take. */
    private static final Duration CLOSING = Duration.ofSeconds(60);

    private final Settings settings;
    private final MailboxExecutor mailbox;

    private transient WaitingRoom waiting;
    private transient RequestReader reader;
    private transient Map<String, PipelineScoring> scoring;
    private transient ExecutorService scoringThreads;
    private transient ScheduledExecutorService clockThread;
    private transient Histogram flushMillis;
    private transient Histogram swapMillis;
    private transient Map<ModelVersion, Long> announcedAt;
    private transient long nextTickAt;
    private transient Suspects suspects;
    private transient Suspects.Watch watch;
    private transient ServedModels models;
    private transient AutoCloseable announcements;
    private transient AvroSerializer<Alert> alertWriter;
    private transient ListState<InputRecord> waitingState;
    private transient Counter predictions;
    private transient Counter deadLetters;
    private transient Set<ModelVersion> misplaced;
    private transient boolean saidFull;

    /**
     * Everything that the operator is made of; shipped to where it runs.
     *
     * @param modality of the requests topic that this operator reads
     * @param pipelines all there are, of every modality, so that a stray request can be told what it is
     * @param crashDirectory where it is written down what is being scored, for the process that comes after a crash
     * @param delivery of alerts and of what belongs to no pipeline
     * @param residentVersions of a model that stay loaded, the serving one among them
     */
    public record Settings(
            Modality modality,
            List<PipelineBinding> pipelines,
            RegistryConnection registry,
            ModelLoader loader,
            Announcements announcements,
            int waitingRecords,
            long waitingBytes,
            int residentVersions,
            String crashDirectory,
            Delivery delivery,
            Clock clock)
            implements Serializable {
        public Settings {
            pipelines = List.copyOf(pipelines);
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
        SchemaRegistry registry = settings.registry().open();
        waiting = new WaitingRoom(new WaitingRoom.Limits(settings.waitingRecords(), settings.waitingBytes()));
        reader = new RequestReader(
                registry,
                settings.pipelines().stream().collect(Collectors.toMap(PipelineBinding::pipeline, each -> each)));
        scoringThreads = Executors.newCachedThreadPool(task -> daemon(task, "model-scoring"));
        clockThread = Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "batch-clock"));
        flushMillis = getMetricGroup().histogram("flush-millis", new DescriptiveStatisticsHistogram(100));
        MicroBatcher.Threads threads = new MicroBatcher.Threads(
                scoringThreads,
                scored -> onTaskThread(
                        () -> {
                            scored.run();
                            models.closeRetired();
                            tickLater();
                        },
                        "scored batch"));
        suspects = Suspects.in(Path.of(settings.crashDirectory()));
        List<PipelineBinding> ours = settings.pipelines().stream()
                .filter(pipeline -> pipeline.modality() == settings.modality())
                .toList();
        watch = suspects.watch(
                Topic.requestsOf(settings.modality()).topicName(),
                ours.stream()
                        .mapToInt(pipeline -> pipeline.batching().inFlight())
                        .sum(),
                ours.stream()
                        .mapToInt(pipeline -> pipeline.batching().rows())
                        .max()
                        .orElse(1));
        AtomicInteger lanes = new AtomicInteger();
        scoring = new LinkedHashMap<>();
        for (PipelineBinding pipeline : ours) {
            scoring.put(
                    pipeline.pipeline(),
                    new PipelineScoring(
                            pipeline,
                            () -> new BatchScorer(
                                    new AvroSerializer<>(registry),
                                    watch.lane(lanes.getAndIncrement()),
                                    settings.clock()),
                            threads,
                            getMetricGroup(),
                            outcome -> emit(pipeline.delivery(), outcome)));
        }
        alertWriter = new AvroSerializer<>(registry);
        predictions = getMetricGroup().counter("predictions");
        deadLetters = getMetricGroup().counter("dead-letters");
        getMetricGroup().gauge("waiting-requests", waiting::size);
        getMetricGroup().gauge("resident-versions", this::residentVersions);
        swapMillis = getMetricGroup().histogram("swap-millis", new DescriptiveStatisticsHistogram(100));
        announcedAt = new HashMap<>();
        misplaced = new HashSet<>();
        models = new ServedModels(
                settings.loader(),
                Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "model-loading")),
                command -> onTaskThread(command, "model versions"),
                settings.residentVersions(),
                RETRY_PAUSE,
                new Listener());
        for (PipelineBinding pipeline : ours) {
            getMetricGroup()
                    .addGroup("pipeline", pipeline.pipeline())
                    .gauge("serving-version", () -> servingVersion(pipeline.model()));
        }
        for (InputRecord request : waitingState.get()) {
            resume(request);
        }
        announcements =
                settings.announcements().follow(version -> onTaskThread(() -> announce(version), "announced version"));
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

    @Override
    public void close() throws Exception {
        try {
            if (models != null) {
                announcements.close();
                stop(clockThread);
                stop(scoringThreads);
                watch.close();
                models.close();
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
            if (standing(record) == Standing.CONVICTED) {
                emit(addressed.pipeline().delivery(), crashed(addressed));
                return Optional.empty();
            }
            return Optional.of(addressed);
        }
        throw new IllegalStateException("Cannot handle unknown request: " + request);
    }

    private Standing standing(InputRecord record) {
        return suspects.of(record.topic(), record.partition(), record.offset());
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
        PipelineScoring pipeline = scoring.get(request.pipeline().pipeline());
        // Yielding runs what the loading and scoring threads hand over; nothing else of this task's goes on meanwhile.
        while (models.serving(model).isEmpty() && waiting.isFull()) {
            sayThatItIsFull(model);
            mailbox.yield();
        }
        while (!pipeline.hasRoom()) {
            mailbox.yield();
        }
        Optional<ServedModel> served = models.serving(model);
        if (served.isPresent()) {
            pipeline.score(request, served.get(), standing(request.record()) == Standing.SUSPECT);
            if (nextTickAt == 0) {
                tickLater(); // A tick that is on its way comes within this batch's age, too.
            }
        } else {
            waiting.add(model, request.record());
        }
    }

    private void flush() throws InterruptedException {
        long start = System.nanoTime();
        scoring.values().forEach(PipelineScoring::flush);
        while (!scoring.values().stream().allMatch(PipelineScoring::isEmpty)) {
            mailbox.yield();
        }
        flushMillis.update(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    /** Sees to it that somebody looks after a batch that is being gathered, once for all pipelines. */
    private void tickLater() {
        long delay = Long.MAX_VALUE;
        for (PipelineScoring pipeline : scoring.values()) {
            long next = pipeline.nextTick();
            if (next >= 0) {
                delay = Math.min(delay, next);
            }
        }
        if (delay == Long.MAX_VALUE) {
            return;
        }
        long at = System.nanoTime() + delay;
        if (nextTickAt == 0 || at < nextTickAt) {
            nextTickAt = at;
            Future<?> unused =
                    clockThread.schedule(() -> onTaskThread(this::tick, "batch clock"), delay, TimeUnit.NANOSECONDS);
        }
    }

    private void tick() {
        nextTickAt = 0;
        scoring.values().forEach(PipelineScoring::tick);
        tickLater();
    }

    /** @throws java.util.concurrent.RejectedExecutionException if the task is closing */
    private void onTaskThread(Runnable work, String description) {
        mailbox.execute(work::run, description);
    }

    private void sayThatItIsFull(String model) {
        if (!saidFull) {
            saidFull = true;
            raise(
                    model,
                    null,
                    AlertCode.WAITING_FOR_MODEL,
                    "%d requests wait and no more are read: model '%s' has no version that serves; publish one"
                            .formatted(waiting.size(), model));
        }
    }

    private void announce(ModelVersion version) {
        if (!isAskedFor(version.getModel())) {
            return;
        }
        if (version.getModality() == settings.modality()) {
            announcedAt.putIfAbsent(version, System.nanoTime());
            models.announce(version);
        } else if (misplaced.add(version)) {
            raise(
                    version.getModel(),
                    version.getVersion(),
                    AlertCode.VERSION_REFUSED,
                    "Version %d of model '%s' reads %s, but its pipelines carry %s"
                            .formatted(
                                    version.getVersion(),
                                    version.getModel(),
                                    version.getModality(),
                                    settings.modality()));
        }
    }

    private boolean isAskedFor(String model) {
        return settings.pipelines().stream()
                .anyMatch(pipeline -> pipeline.modality() == settings.modality()
                        && pipeline.model().equals(model));
    }

    private final class Listener implements ServedModels.Listener {
        @Override
        public void serves(ModelVersion version) {
            saidFull = false;
            Long announced = announcedAt.get(version);
            if (announced != null) {
                swapMillis.update(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - announced));
            }
            announcedAt
                    .keySet()
                    .removeIf(other ->
                            other.getModel().equals(version.getModel()) && other.getVersion() <= version.getVersion());
            try {
                for (InputRecord record : waiting.leave(version.getModel())) {
                    handle(record);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancellationException("Cancelled before all who waited for a first version were answered");
            }
        }

        @Override
        public boolean isInUse(ServedModel served) {
            return scoring.values().stream().anyMatch(pipeline -> pipeline.holds(served));
        }

        @Override
        public void refused(ModelVersion version, String reason) {
            raise(
                    version.getModel(),
                    version.getVersion(),
                    AlertCode.VERSION_REFUSED,
                    "Version %d of model '%s' is refused: %s"
                            .formatted(version.getVersion(), version.getModel(), reason));
        }
    }

    private void raise(String model, @Nullable Integer version, AlertCode code, String message) {
        Alert alert = Alert.newBuilder()
                .setModel(model)
                .setModelVersion(version)
                .setCode(code)
                .setMessage(message)
                .setRaisedBy("inference")
                .setRaisedAt(settings.clock().instant())
                .build();
        String topic = Topic.ALERTS.topicName();
        emit(settings.delivery(), OutputRecord.of(topic, model, alertWriter.serialize(topic, alert)));
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

    /** 0 before the first. */
    private int servingVersion(String model) {
        return models.serving(model)
                .map(served -> served.version().getVersion())
                .orElse(0);
    }

    int residentVersions() {
        return models.residentVersions();
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    private static void stop(ExecutorService threads) throws InterruptedException {
        threads.shutdown();
        if (!threads.awaitTermination(CLOSING.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    "Cannot close the models: one has been scoring for %s and more".formatted(CLOSING));
        }
    }
}
