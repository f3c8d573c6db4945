package dev.penstock.retrain.runs;

import dev.penstock.flink.GivenGpus;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.retrain.alerts.Alerts;
import dev.penstock.retrain.runs.RunReports.Progress;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Runs trainings one after the other on a thread of their own: the task goes on, and a checkpoint waits for none of them.
 * An order stays in the operator's state until it has ended, so that a restart begins it again, from the same examples and
 * seed; what was published by then is found and not published twice. It begins once a checkpoint has counted that: one
 * that ends its process would do so for ever if it could before it is counted.
 *
 * <p>There is one of these operators in the job: a training takes what the machine can spare, and two would take it twice.
 */
public final class TrainModels extends AbstractStreamOperator<OutputRecord>
        implements OneInputStreamOperator<TrainingOrder, OutputRecord> {
    private static final ListStateDescriptor<BegunRun> RUNS =
            new ListStateDescriptor<>("training-runs", TypeInformation.of(BegunRun.class));
    private static final Duration REPORT_PAUSE = Duration.ofSeconds(1);
    private static final Duration CLOSING = Duration.ofSeconds(30);

    private final Settings settings;
    private final MailboxExecutor mailbox;

    private transient ListState<BegunRun> runsState;
    /** The first is under way unless the task is only just starting. */
    private transient Deque<BegunRun> runs;

    private transient RunReports reports;
    private transient Alerts alerts;
    private transient Trainer trainer;
    private transient @Nullable UnderWay underWay;
    /** No checkpoint need come any more. */
    private transient boolean finishing;

    private transient RunMetrics counted;

    /**
     * Everything that the operator is made of; shipped to where it runs.
     *
     * @param starts how often one order is begun at most: one that ends its process each time would do so for ever
     */
    public record Settings(RegistryConnection registry, Trainer.Opener trainer, int starts, Clock clock)
            implements Serializable {}

    /** What the operator counts. */
    private static final class RunMetrics {
        final Counter published;
        final Counter refused;
        final Counter cancelled;
        final Counter failed;
        final Counter trainingMillis;
        final Counter examples;

        RunMetrics(MetricGroup metrics) {
            published = metrics.counter("published-runs");
            refused = metrics.counter("refused-runs");
            cancelled = metrics.counter("cancelled-runs");
            failed = metrics.counter("failed-runs");
            trainingMillis = metrics.counter("training-millis");
            examples = metrics.counter("examples-used");
        }
    }

    TrainModels(StreamOperatorParameters<OutputRecord> parameters, Settings settings) {
        super(parameters);
        this.settings = settings;
        this.mailbox = parameters.getMailboxExecutor();
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        runsState = context.getOperatorStateStore().getListState(RUNS);
        runs = new ArrayDeque<>();
        for (BegunRun run : runsState.get()) {
            runs.add(run);
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        GivenGpus.indexes(getRuntimeContext()).ifPresent(TensorFlowRuntime::restrictToGpus);
        SchemaRegistry registry = settings.registry().open();
        reports = new RunReports(registry, settings.clock());
        alerts =
                new Alerts(registry, getMetricGroup(), List.of(AlertCode.SUSPICIOUS_LABELS, AlertCode.TRAINING_FAILED));
        counted = new RunMetrics(getMetricGroup());
        getMetricGroup().gauge("runs-under-way", () -> runs.size());
        trainer = settings.trainer().open();
        // Not in here: what it emits would come before the operators behind this one are open.
        mailbox.execute(this::beginNext, "begin restored training");
    }

    @Override
    public void processElement(StreamRecord<TrainingOrder> element) {
        TrainingOrder order = element.getValue();
        if (order.isCancelled()) {
            cancel(order);
        } else if (runs.stream().noneMatch(run -> run.order().runId().equals(order.runId()))) {
            runs.add(new BegunRun(order, 0));
            beginNext();
        }
    }

    private void cancel(TrainingOrder order) {
        UnderWay current = underWay;
        if (current != null && current.order.model().equals(order.model())) {
            LOG.info("Cancelling training {}: {}", current.order.runId(), order.reason());
            current.cancel(order);
            // A job that dies before the training has ended does not begin it again.
            BegunRun run = runs.removeFirst();
            runs.addFirst(new BegunRun(run.order().cancelled(order.reason(), order.commandIds()), run.starts()));
            if (!current.isStarted) {
                mailbox.execute(
                        () -> ended(current, null, new CancelledRunException("cancelled")), "end training that waits");
            }
        }
        Iterator<BegunRun> waiting = runs.iterator();
        while (waiting.hasNext()) {
            BegunRun run = waiting.next();
            boolean isUnderWay = current != null && run.order().runId().equals(current.order.runId());
            if (!isUnderWay && run.order().model().equals(order.model())) {
                waiting.remove();
                tellCancelled(run.order().cancelled(order.reason(), order.commandIds()), Progress.NONE);
            }
        }
    }

    private void tellCancelled(TrainingOrder cancelled, Progress progress) {
        counted.cancelled.inc();
        report(cancelled, TrainingPhase.CANCELLED, progress, cancelled.reason());
    }

    private void beginNext() {
        while (underWay == null && !runs.isEmpty()) {
            BegunRun run = runs.removeFirst().begunAgain();
            if (run.order().isCancelled()) {
                tellCancelled(run.order(), Progress.NONE);
                continue;
            }
            if (run.starts() > settings.starts()) {
                fail(
                        run.order(),
                        Progress.NONE,
                        "it was begun %d times and each time the job ended before it did; look for the last words of the process, and give it more memory or fewer examples"
                                .formatted(settings.starts()));
                continue;
            }
            runs.addFirst(run);
            report(run.order(), TrainingPhase.STARTED, Progress.NONE, startMessage(run));
            UnderWay started = new UnderWay(run.order());
            underWay = started;
            if (finishing) {
                started.start();
            }
        }
    }

    private static String startMessage(BegunRun run) {
        String reason = run.order().reason();
        return run.starts() == 1 ? reason : "Begun again after a restart: " + reason;
    }

    /** The copy of a few orders: what is being learned meanwhile is not in it, and is learned again after a restart. */
    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        runsState.update(new ArrayList<>(runs));
        UnderWay current = underWay;
        if (current != null && current.countedBy == null) {
            current.countedBy = context.getCheckpointId();
        }
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        UnderWay current = underWay;
        if (current != null && current.countedBy != null && current.countedBy <= checkpointId) {
            current.start();
        }
    }

    /** The inputs have ended: what was ordered is still done. */
    @Override
    public void finish() throws Exception {
        finishing = true;
        if (underWay != null) {
            underWay.start();
        }
        while (!runs.isEmpty()) {
            mailbox.yield();
        }
        super.finish();
    }

    @Override
    public void close() throws Exception {
        try {
            UnderWay current = underWay;
            if (current != null) {
                current.stop("the task ends");
                current.thread.join(CLOSING.toMillis());
                if (current.thread.isAlive()) {
                    LOG.warn("Leaving training {} behind: it did not stop within {}", current.order.runId(), CLOSING);
                }
            }
        } finally {
            if (trainer != null) {
                trainer.close();
            }
            super.close();
        }
    }

    private void ended(UnderWay run, @Nullable Outcome outcome, @Nullable Throwable failure) {
        if (underWay != run) {
            return;
        }
        underWay = null;
        runs.removeIf(begun -> begun.order().runId().equals(run.order.runId()));
        counted.trainingMillis.inc((System.nanoTime() - run.startedNanos) / 1_000_000);
        if (outcome != null) {
            counted.examples.inc(outcome.result().examples());
            boolean isRefused = !outcome.result().refusedBecause().isEmpty();
            (isRefused ? counted.refused : counted.published).inc();
            report(
                    run.order,
                    isRefused ? TrainingPhase.REFUSED : TrainingPhase.PUBLISHED,
                    run.progress,
                    outcome.result().message());
            outcome.result()
                    .suspicions()
                    .forEach(suspicion -> alert(run.order, AlertCode.SUSPICIOUS_LABELS, suspicion));
        } else if (failure instanceof CancelledRunException) {
            tellCancelled(run.order.cancelled(run.cancelReason, run.cancelledBy), run.progress);
        } else {
            LOG.warn("Training {} failed", run.order.runId(), failure);
            fail(run.order, run.progress, describe(failure));
        }
        beginNext();
    }

    private void fail(TrainingOrder order, Progress progress, String why) {
        counted.failed.inc();
        report(order, TrainingPhase.FAILED, progress, why);
        alert(
                order,
                AlertCode.TRAINING_FAILED,
                "Training of version %d of model '%s' failed at attempt %d: %s. The versions that serve go on serving"
                        .formatted(order.version(), order.model(), order.attempt(), why));
    }

    private void alert(TrainingOrder order, AlertCode code, String message) {
        output.collect(new StreamRecord<>(alerts.alert(
                order.model(), order.version(), code, message, settings.clock().instant())));
    }

    private static String describe(@Nullable Throwable failure) {
        if (failure == null) {
            return "nobody knows why";
        }
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    private void report(TrainingOrder order, TrainingPhase phase, Progress progress, String message) {
        output.collect(new StreamRecord<>(reports.report(order, phase, progress, message)));
    }

    /** A result, so that a missing one is told from a failure. */
    private record Outcome(Trainer.Outcome result) {}

    /** The training on its thread. */
    private final class UnderWay implements RunWatch {
        private final TrainingOrder order;
        private final Thread thread;
        private final AtomicBoolean cancelled = new AtomicBoolean();
        /** Of the thread that trains. */
        private long reportedNanos;

        /** Of the task's thread, as all that follows. */
        private Progress progress = Progress.NONE;

        /** The first checkpoint that has it. */
        private @Nullable Long countedBy;

        private boolean isStarted;
        private long startedNanos = System.nanoTime();

        private String cancelReason = "it was told to stop";
        private List<String> cancelledBy = List.of();

        UnderWay(TrainingOrder order) {
            this.order = order;
            this.thread = new Thread(this::train, "training-" + order.model());
            thread.setDaemon(true);
        }

        void start() {
            if (!isStarted && !cancelled.get()) {
                isStarted = true;
                startedNanos = System.nanoTime();
                thread.start();
            }
        }

        void cancel(TrainingOrder cancelled) {
            cancelledBy = cancelled.commandIds();
            stop(cancelled.reason());
        }

        void stop(String reason) {
            cancelReason = reason;
            cancelled.set(true);
            // It may wait for a broker.
            thread.interrupt();
        }

        private void train() {
            try {
                Trainer.Outcome result = trainer.train(order, this);
                onTaskThread(() -> ended(this, new Outcome(result), null));
            } catch (Throwable e) {
                // An interrupted client throws whatever it likes.
                Throwable reason = cancelled.get() ? new CancelledRunException("cancelled") : e;
                onTaskThread(() -> ended(this, null, reason));
            }
        }

        @Override
        public boolean isCancelled() {
            return cancelled.get();
        }

        @Override
        public void learning(long step, long steps, double loss, double heldOutScore) {
            long now = System.nanoTime();
            if (reportedNanos != 0 && now - reportedNanos < REPORT_PAUSE.toNanos() && step < steps) {
                return;
            }
            reportedNanos = now;
            tell(TrainingPhase.LEARNING, new Progress(step, steps, loss, heldOutScore));
        }

        @Override
        public void judging() {
            tell(TrainingPhase.JUDGING, null);
        }

        private void tell(TrainingPhase phase, @Nullable Progress told) {
            onTaskThread(() -> {
                if (underWay == this) {
                    progress = told == null ? progress : told;
                    report(order, phase, progress, "");
                }
            });
        }

        private void onTaskThread(Runnable work) {
            try {
                mailbox.execute(work::run, "training");
            } catch (RejectedExecutionException e) {
                LOG.debug("The task has ended before training {} did", order.runId(), e);
            }
        }
    }
}
