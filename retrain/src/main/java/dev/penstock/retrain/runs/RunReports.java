package dev.penstock.retrain.runs;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** Makes the reports of trainings. */
final class RunReports {
    private final AvroSerializer<TrainingRun> serializer;
    private final Clock clock;

    RunReports(SchemaRegistry registry, Clock clock) {
        this.serializer = new AvroSerializer<>(registry);
        this.clock = clock;
    }

    OutputRecord report(TrainingOrder order, TrainingPhase phase, Progress progress, String message) {
        TrainingRun run = TrainingRun.newBuilder()
                .setRunId(order.runId())
                .setModel(order.model())
                .setPhase(phase)
                .setCause(order.cause())
                .setVersion(order.version())
                .setParent(order.parent())
                .setRanges(order.ranges().stream().map(Range::toAvro).toList())
                .setStep(progress.step())
                .setSteps(progress.steps())
                .setLoss(finite(progress.loss()))
                .setHeldOutScore(finite(progress.heldOutScore()))
                .setMessage(message)
                .setCommandIds(order.commandIds())
                .setReportedAt(clock.instant())
                .build();
        String topic = Topic.TRAINING_RUNS.topicName();
        return OutputRecord.of(topic, order.model(), serializer.serialize(topic, run));
    }

    /** What is known of a run; NaN for what is not. */
    record Progress(long step, long steps, double loss, double heldOutScore) {
        static final Progress NONE = new Progress(0, 0, Double.NaN, Double.NaN);
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
