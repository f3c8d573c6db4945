package dev.penstock.inference.features;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.pipelines.Aggregate;
import dev.penstock.schemas.pipelines.RequestField;
import dev.penstock.schemas.pipelines.Rolling;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyMemoryTest {
    private static final long NOON = 1_772_366_400_000L;
    private static final PipelineBinding PIPELINE = new PipelineBinding(
            "fraud",
            Modality.RECORD,
            "fraud",
            BatchLimits.usual(),
            Delivery.AT_LEAST_ONCE,
            Duration.ofMinutes(5),
            List.of(new Rolling(
                    "card",
                    RequestField.parse("entity"),
                    Duration.ZERO,
                    Map.of("count", new Aggregate.Count(Duration.ofDays(1), Duration.ZERO)))));

    @Test
    void remembersWhatWasSavedInACheckpoint() throws Exception {
        OperatorSubtaskState checkpoint;
        try (var before = harness()) {
            before.open();
            count(before, "ann", NOON);
            count(before, "ann", NOON + 1);
            checkpoint = before.snapshot(1, 1);
        }
        try (var after = harness()) {
            after.initializeState(checkpoint);
            after.open();

            assertThat(count(after, "ann", NOON + 2)).isEqualTo(3);
            assertThat(count(after, "bob", NOON + 2)).isEqualTo(1);
        }
    }

    @Test
    void anEventFromTheFutureIsAnsweredAndNotRemembered() throws Exception {
        try (var harness = harness()) {
            harness.open();
            count(harness, "ann", NOON);

            double inTheYear3000 =
                    count(harness, "ann", NOON + Duration.ofDays(365_000).toMillis());

            assertThat(inTheYear3000).isEqualTo(1);
            assertThat(count(harness, "ann", NOON + 1)).isEqualTo(2);
        }
    }

    @Test
    void aRequestWithoutTheKeyGoesOnWithoutTheFeature() throws Exception {
        try (var harness = harness()) {
            harness.open();

            assertThat(count(harness, null, NOON)).isNaN();
            assertThat(count(harness, null, NOON)).isNaN();
        }
    }

    private static double count(
            KeyedOneInputStreamOperatorTestHarness<String, FeatureRequest, FeatureRequest> harness,
            @Nullable String card,
            long eventTime)
            throws Exception {
        InputRecord record = new InputRecord("requests.record", 0, 0, NOON, null, null).with(new double[] {Double.NaN});
        harness.processElement(
                new FeatureRequest(record, "id-1", eventTime, new String[] {card}, new double[0], new String[0]), 0);
        List<FeatureRequest> requests = harness.extractOutputValues();
        return requests.get(requests.size() - 1).record().features()[0];
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, FeatureRequest, FeatureRequest> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new RememberRequests(PIPELINE, 0)),
                request -> request.keyOf(0),
                Types.STRING);
    }
}
