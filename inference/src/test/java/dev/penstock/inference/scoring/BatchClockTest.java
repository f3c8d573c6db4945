package dev.penstock.inference.scoring;

import static dev.penstock.schemas.Fixtures.request;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.Exploration;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.StubModel;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.batching.MicroBatcher;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.Answerer;
import dev.penstock.inference.versions.Choice;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class BatchClockTest {
    private static final long NOW = 1_000_000_000;

    private final SchemaRegistry registry = SchemaRegistry.connect("mock://" + UUID.randomUUID());
    private final ServedModel served = new ServedModel(someModelVersion("spam", 1), StubModel.scoring(0.9f));
    private final List<OutputRecord> outcomes = new ArrayList<>();
    /** Batches that no thread has begun with. */
    private final List<Runnable> threads = new ArrayList<>();

    private final List<Long> alarms = new ArrayList<>();

    @Test
    void nothingToLookAfterSetsNoAlarm() {
        new BatchClock(List.of(pipeline(Duration.ofMillis(2))), this::alarm, () -> NOW).set();

        assertThat(alarms).isEmpty();
    }

    @Test
    void aBatchThatMayWaitLongDoesNotHoldUpOneThatMayNot() {
        PipelineScoring patient = pipeline(Duration.ofMinutes(1));
        PipelineScoring hurried = pipeline(Duration.ofMillis(2));
        BatchClock clock = new BatchClock(List.of(patient, hurried), this::alarm, () -> NOW);
        // A stream that fills its batches is looked after at their age only.
        for (int row = 0; row < 1 + 4 + 1; row++) {
            score(patient);
        }
        runThreads();
        clock.set();
        assertThat(alarms)
                .hasSize(1)
                .allMatch(nanos -> nanos > Duration.ofSeconds(50).toNanos());

        score(hurried);
        boolean isFirstOfABatch = score(hurried);
        assertThat(isFirstOfABatch).isTrue();
        clock.set();

        assertThat(alarms).hasSize(2);
        assertThat(alarms.get(1)).isLessThanOrEqualTo(Duration.ofMillis(2).toNanos());
    }

    @Test
    void anAlarmThatIsSetIsNotSetAgain() {
        PipelineScoring pipeline = pipeline(Duration.ofMinutes(1));
        BatchClock clock = new BatchClock(List.of(pipeline), this::alarm, () -> NOW);
        score(pipeline);
        score(pipeline);

        clock.set();
        clock.set();

        assertThat(alarms).hasSize(1);
    }

    private void alarm(long nanos, Runnable work) {
        alarms.add(nanos);
    }

    private void runThreads() {
        List<Runnable> all = List.copyOf(threads);
        threads.clear();
        all.forEach(Runnable::run);
    }

    private boolean score(PipelineScoring pipeline) {
        return pipeline.score(
                new Request.Addressed(
                        request("id", "spam", new TextPayload("hello")),
                        binding(Duration.ofMillis(2)),
                        new InputRecord("requests.text", 0, 0, 0, null, new byte[] {1})),
                new Choice(Answerer.alone(served), Variant.CHAMPION, Optional.empty(), 1),
                false);
    }

    private PipelineScoring pipeline(Duration age) {
        return new PipelineScoring(
                binding(age),
                StubbedScorers.of(
                        registry,
                        Clock.systemUTC(),
                        new MicroBatcher.Threads(threads::add, Runnable::run),
                        Exploration.none()),
                () -> NOW,
                new UnregisteredMetricsGroup(),
                outcomes::add);
    }

    private static PipelineBinding binding(Duration age) {
        return new PipelineBinding(
                "spam",
                Modality.TEXT,
                "spam",
                new BatchLimits(4, age, 2, BatchLimits.Order.KEPT, Duration.ZERO),
                Delivery.AT_LEAST_ONCE);
    }
}
