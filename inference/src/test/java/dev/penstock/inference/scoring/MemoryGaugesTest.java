package dev.penstock.inference.scoring;

import static dev.penstock.schemas.Fixtures.someModelVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.metrics.ReportedMetrics;
import dev.penstock.inference.StubModel;
import dev.penstock.inference.versions.ServedModel;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryGaugesTest {
    private static final String FIRST = "model_version_native_bytes{model=\"spam\",version=\"1\"}";
    private static final String SECOND = "model_version_native_bytes{model=\"spam\",version=\"2\"}";

    private final ReportedMetrics reported = new ReportedMetrics();
    private final MemoryGauges gauges = new MemoryGauges(reported.group());

    @AfterEach
    void close() {
        reported.close();
    }

    @Test
    void tellsWhatEachVersionTakesAsLongAsItIsLoaded() {
        ServedModel first = served(1);
        ServedModel second = served(2);
        gauges.watch(first);
        gauges.watch(second);
        assertThat(reported.shown())
                .isEqualTo(Map.of(FIRST, (double) StubModel.NATIVE_BYTES, SECOND, (double) StubModel.NATIVE_BYTES));

        gauges.forget(first);
        assertThat(reported.shown()).containsOnlyKeys(SECOND);

        gauges.watch(first);
        assertThat(reported.shown()).containsOnlyKeys(FIRST, SECOND);
    }

    @Test
    void aVersionThatIsLoadedAgainBeforeItWasFreedIsStillShown() {
        ServedModel before = served(1);
        gauges.watch(before);
        gauges.watch(served(1));
        assertThat(reported.shown()).containsOnlyKeys(FIRST);

        gauges.forget(before);

        assertThat(reported.shown()).containsOnlyKeys(FIRST);
    }

    private static ServedModel served(int version) {
        return new ServedModel(someModelVersion("spam", version), StubModel.scoring(0.5f));
    }
}
