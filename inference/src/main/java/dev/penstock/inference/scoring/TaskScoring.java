package dev.penstock.inference.scoring;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.batching.MicroBatcher;
import dev.penstock.inference.crashes.Suspects;
import dev.penstock.inference.crashes.Suspects.Standing;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.Choice;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.flink.metrics.MetricGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that one task scores: its pipelines, the threads that they share, and what is said on disk of what is in flight. */
final class TaskScoring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskScoring.class);
    /** A call of a model cannot be interrupted; this is longer than one should take. */
    private static final Duration CLOSING = Duration.ofSeconds(60);

    private static final int SHADOW_LANE = 0;

    private final ExecutorService threads = Executors.newCachedThreadPool(work -> daemon(work, "model-scoring"));
    private final ExecutorService shadowThread =
            Executors.newSingleThreadExecutor(work -> background(work, "shadow-scoring"));
    private final ScheduledExecutorService clockThread =
            Executors.newSingleThreadScheduledExecutor(work -> daemon(work, "batch-clock"));
    private final Map<String, PipelineScoring> pipelines = new LinkedHashMap<>();
    private final Suspects suspects;
    private final Suspects.Watch watch;
    private final BatchClock.Alarm alarm;
    private final BatchClock clock;

    /** What becomes of a pipeline's requests. */
    interface Outcomes {
        void take(PipelineBinding pipeline, OutputRecord outcome);
    }

    /**
     * @param taskThread runs what it is given between two records of the task
     * @param afterBatch run there whenever a batch is done
     * @throws IOException if what is in flight cannot be written down
     */
    TaskScoring(
            ScoreRequests.Settings settings,
            SchemaRegistry registry,
            MetricGroup metrics,
            Executor taskThread,
            Runnable afterBatch,
            Outcomes outcomes)
            throws IOException {
        List<PipelineBinding> ours = settings.own();
        suspects = Suspects.in(Path.of(settings.crashDirectory()));
        watch = suspects.watch(
                Topic.requestsOf(settings.modality()).topicName(),
                // And one for shadows, which have one thread.
                1
                        + ours.stream()
                                .mapToInt(pipeline -> pipeline.batching().inFlight())
                                .sum(),
                ours.stream()
                        .mapToInt(pipeline -> pipeline.batching().rows())
                        .max()
                        .orElse(1));
        alarm = (nanos, work) -> {
            Future<?> unused = clockThread.schedule(() -> taskThread.execute(work), nanos, TimeUnit.NANOSECONDS);
        };
        clock = new BatchClock(pipelines.values(), alarm, System::nanoTime);
        Executor scored = work -> taskThread.execute(() -> {
            work.run();
            afterBatch.run();
            clock.set();
            pipelines.values().forEach(PipelineScoring::startShadow);
        });
        AtomicInteger lanes = new AtomicInteger();
        for (PipelineBinding pipeline : ours) {
            Consumer<OutputRecord> own = outcome -> outcomes.take(pipeline, outcome);
            Consumer<OutputRecord> beside = outcome -> {
                try {
                    taskThread.execute(() -> own.accept(outcome));
                } catch (RejectedExecutionException e) {
                    LOG.debug("The task is closing; what it was to say is scored again after a restart", e);
                }
            };
            PipelineScoring.Scorers scorers = new PipelineScoring.Scorers(
                    () -> {
                        PredictionWriter predictions = writer(registry, pipeline);
                        return new BatchScorer(
                                predictions,
                                watch.lane(lanes.incrementAndGet()),
                                settings.clock(),
                                new Failures(predictions, settings.clock(), beside));
                    },
                    new MicroBatcher.Threads(threads, scored),
                    new ShadowScorer(writer(registry, pipeline), watch.lane(SHADOW_LANE), settings.clock()),
                    new MicroBatcher.Threads(shadowThread, scored));
            pipelines.put(pipeline.pipeline(), new PipelineScoring(pipeline, scorers, System::nanoTime, metrics, own));
        }
    }

    private static PredictionWriter writer(SchemaRegistry registry, PipelineBinding pipeline) {
        return new PredictionWriter(registry, new Exploring(pipeline.exploration()));
    }

    /** How a record is to be treated, after what happened to this process before. */
    Standing standing(InputRecord record) {
        return suspects.of(record.topic(), record.partition(), record.offset());
    }

    /** Whether another request of its pipeline may come now; if not, when the next batch is done. */
    boolean hasRoomFor(Request.Addressed request) {
        return of(request).hasRoom();
    }

    void score(Request.Addressed request, Choice choice) {
        boolean isSuspect = standing(request.record()) == Standing.SUSPECT;
        if (of(request).score(request, choice, isSuspect)) {
            clock.set();
        }
    }

    private PipelineScoring of(Request.Addressed request) {
        PipelineScoring pipeline = pipelines.get(request.pipeline().pipeline());
        if (pipeline == null) {
            throw new IllegalStateException("Cannot score for pipeline '%s': it is another task's"
                    .formatted(request.pipeline().pipeline()));
        }
        return pipeline;
    }

    /** Starts whatever was gathered. */
    void flush() {
        pipelines.values().forEach(PipelineScoring::flush);
    }

    /** Whether everything is answered. */
    boolean isEmpty() {
        return pipelines.values().stream().allMatch(PipelineScoring::isEmpty);
    }

    /** Whether every shadow that was asked has answered. */
    boolean areShadowsDone() {
        return pipelines.values().stream().allMatch(PipelineScoring::isShadowEmpty);
    }

    /** Leaves out what shadows have not answered. */
    void endShadows() {
        pipelines.values().forEach(PipelineScoring::endShadow);
    }

    /** Runs something on the task's thread later. */
    void after(Duration pause, Runnable work) {
        alarm.after(pause.toNanos(), work);
    }

    boolean isInUse(ServedModel served) {
        return pipelines.values().stream().anyMatch(pipeline -> pipeline.holds(served));
    }

    /** @throws IllegalStateException if a model is being called still, which must not be closed then */
    @Override
    public void close() throws InterruptedException {
        clockThread.shutdownNow();
        threads.shutdown();
        shadowThread.shutdown();
        if (!threads.awaitTermination(CLOSING.toSeconds(), TimeUnit.SECONDS)
                || !shadowThread.awaitTermination(CLOSING.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    "Cannot close the models: one has been scoring for %s and more".formatted(CLOSING));
        }
        try {
            watch.close();
        } catch (IOException e) {
            LOG.warn("Leaving a file behind that says what is in flight: nothing is", e);
        }
    }

    /** Where the operating system heeds priorities, it runs when no other thread wants to. */
    @SuppressWarnings("ThreadPriorityCheck") // A help where it works; nothing relies on it.
    private static Thread background(Runnable work, String name) {
        Thread thread = daemon(work, name);
        thread.setPriority(Thread.MIN_PRIORITY);
        return thread;
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
