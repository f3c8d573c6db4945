package dev.penstock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TallyTest {
    @Test
    void accuracyIsTheShareOfRightDecisions() {
        Tally tally = judged(scored("fraud", 0.9F), scored("genuine", 0.8F), scored("genuine", 0.1F));

        assertThat(tally.accuracy()).hasValue(2 / 3.0);
    }

    @Test
    void areaUnderTheCurveIsOneWhenEveryPositiveScoresAboveEveryNegative() {
        Tally tally = judged(scored("fraud", 0.3F), scored("genuine", 0.2F), scored("genuine", 0.1F));

        assertThat(tally.auc("fraud")).hasValue(1.0);
    }

    @Test
    void areaUnderTheCurveCountsATieAsHalf() {
        Tally tally = judged(scored("fraud", 0.5F), scored("genuine", 0.5F), scored("genuine", 0.1F));

        assertThat(tally.auc("fraud")).hasValue(0.75);
    }

    @Test
    void areaUnderTheCurveIsUnknownWithoutAPositive() {
        assertThat(judged(scored("genuine", 0.5F)).auc("fraud")).isEmpty();
    }

    @Test
    void quantilesAreValuesThatWereSeen() {
        List<Long> latencies = new ArrayList<>();
        for (long latency = 1; latency <= 100; latency++) {
            latencies.add(latency);
        }

        Tally tally = new Tally(100, 100, 0, 0, 0, List.of(), latencies, Map.of(), 1);

        assertThat(tally.latency(0.5)).hasValue(50);
        assertThat(tally.latency(0.99)).hasValue(99);
    }

    private static Judged scored(String truth, float fraud) {
        return new Judged(truth, fraud >= 0.5F ? "fraud" : "genuine", Map.of("fraud", fraud, "genuine", 1 - fraud));
    }

    private static Tally judged(Judged... judged) {
        return new Tally(judged.length, judged.length, 0, 0, 0, Arrays.asList(judged), List.of(), Map.of(), 1);
    }
}
