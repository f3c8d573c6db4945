package dev.penstock.flink.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With Flink's own registry and reporter: what is used here is internal to Flink, and may change. */
class MetricGroupsTest {
    private static final String FIRST = "model_version_samples{model=\"spam\",version=\"1\"}";
    private static final String SECOND = "model_version_samples{model=\"spam\",version=\"2\"}";

    private final ReportedMetrics reported = new ReportedMetrics();

    @AfterEach
    void close() {
        reported.close();
    }

    @Test
    void whatIsTakenBackIsShownNoMoreAndTheRestIs() {
        MetricGroup first = version(1, 10);
        version(2, 20);
        assertThat(reported.shown()).isEqualTo(Map.of(FIRST, 10.0, SECOND, 20.0));

        MetricGroups.remove(first);

        assertThat(reported.shown()).isEqualTo(Map.of(SECOND, 20.0));
    }

    @Test
    void groupsInItGoWithIt() {
        MetricGroup version = version(1, 10);
        version.addGroup("check", "latency").gauge("verdict", (Gauge<Integer>) () -> 1);
        assertThat(reported.shown()).hasSize(2);

        MetricGroups.remove(version);

        assertThat(reported.shown()).isEmpty();
    }

    @Test
    void itsPlaceCanBeTakenAgainAndAgain() {
        for (int time = 1; time <= 3; time++) {
            MetricGroup version = version(1, time);
            assertThat(reported.shown()).isEqualTo(Map.of(FIRST, (double) time));

            MetricGroups.remove(version);
            assertThat(reported.shown()).isEmpty();
        }
    }

    @Test
    void whatWasTakenBackDoesNothingToWhatTookItsPlace() {
        MetricGroup before = version(1, 10);
        MetricGroups.remove(before);
        version(1, 11);

        MetricGroups.remove(before);
        before.gauge("estimate", (Gauge<Integer>) () -> 1);

        assertThat(reported.shown()).isEqualTo(Map.of(FIRST, 11.0));
    }

    @Test
    void oneThatNobodyShowsCanBeTakenBackToo() {
        MetricGroups.remove(new UnregisteredMetricsGroup());

        assertThat(reported.shown()).isEmpty();
    }

    private MetricGroup version(int number, int samples) {
        MetricGroup group = reported.group().addGroup("model", "spam").addGroup("version", Integer.toString(number));
        group.gauge("samples", (Gauge<Integer>) () -> samples);
        return group;
    }
}
