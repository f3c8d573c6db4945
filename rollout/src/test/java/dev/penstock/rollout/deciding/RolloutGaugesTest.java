package dev.penstock.rollout.deciding;

import static dev.penstock.schemas.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.metrics.ReportedMetrics;
import dev.penstock.rollout.drift.DriftReport;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Prometheus reads of a model's rollout, by Flink's own reporter. */
class RolloutGaugesTest {
    private static final Set<String> OF_MODEL = Stream.of(
                    "champion_version", "candidate_version", "trial_share", "paused")
            .map(name -> "model_%s{model=\"spam\"}".formatted(name))
            .collect(Collectors.toUnmodifiableSet());

    private final ReportedMetrics reported = new ReportedMetrics();
    private final RolloutGauges gauges = new RolloutGauges(reported.group(), "spam");

    @AfterEach
    void close() {
        reported.close();
    }

    @Test
    void whatIsMeasuredIsShownOfTheVersionOnTrialAndOfTheChampion() {
        serve(1, 2);
        evaluate(2, EvidenceVerdict.PASS, 0);
        drift(1, 0);

        assertThat(ofVersions())
                .isEqualTo(Map.of(
                        "model_version_check_estimate{check=\"latency\",model=\"spam\",version=\"2\"}", 0.5,
                        "model_version_check_samples{check=\"latency\",model=\"spam\",version=\"2\"}", 100.0,
                        "model_version_check_verdict{check=\"latency\",model=\"spam\",version=\"2\"}", 1.0,
                        "model_version_drift_psi{model=\"spam\",version=\"1\"}", 0.3,
                        "model_version_drifting{model=\"spam\",version=\"1\"}", 1.0));
        assertThat(reported.shown()).containsKeys(OF_MODEL.toArray(String[]::new));
    }

    @Test
    void whatGoesOnStaysHoweverLongNothingNewIsMeasured() {
        serve(1, 2);
        evaluate(2, EvidenceVerdict.INCONCLUSIVE, 0);
        drift(1, 0);

        for (int seconds = 1; seconds <= 3_600; seconds++) {
            forget(seconds);
        }

        assertThat(ofVersions()).hasSize(5);
    }

    /** The evaluation that ends a trial comes with its end. */
    @Test
    void aVersionThatIsRolledBackIsShownUntilEverybodyHasReadWhy() {
        serve(1, 2);
        forget(0);
        serve(1, null);
        evaluate(2, EvidenceVerdict.FAIL, 1);

        forget(60);
        assertThat(ofVersions())
                .containsEntry("model_version_check_verdict{check=\"latency\",model=\"spam\",version=\"2\"}", -1.0);

        forget(61);
        assertThat(ofVersions()).isEmpty();
        assertThat(reported.shown()).containsOnlyKeys(OF_MODEL);
    }

    @Test
    void aVersionThatIsPromotedIsShownAsTheChampionOnceItsTrialIsOver() {
        serve(1, 2);
        evaluate(2, EvidenceVerdict.PASS, 0);
        drift(1, 0);
        forget(0);
        serve(2, null);
        drift(2, 30);
        forget(30);

        forget(60);

        assertThat(ofVersions())
                .containsOnlyKeys(
                        "model_version_drift_psi{model=\"spam\",version=\"2\"}",
                        "model_version_drifting{model=\"spam\",version=\"2\"}");
    }

    @Test
    void ofAFormerChampionThatIsTriedAgainNoDriftIsShown() {
        serve(1, null);
        drift(1, 0);
        forget(0);
        serve(2, 1);
        evaluate(1, EvidenceVerdict.PASS, 5);

        forget(60);

        assertThat(ofVersions())
                .isEqualTo(Map.of(
                        "model_version_check_estimate{check=\"latency\",model=\"spam\",version=\"1\"}", 0.5,
                        "model_version_check_samples{check=\"latency\",model=\"spam\",version=\"1\"}", 100.0,
                        "model_version_check_verdict{check=\"latency\",model=\"spam\",version=\"1\"}", 1.0));
    }

    @Test
    void aFormerChampionThatServesAgainIsShownAgain() {
        serve(1, null);
        drift(1, 0);
        serve(2, null);
        drift(2, 0);
        forget(60);
        assertThat(ofVersions().keySet()).hasSize(2).allMatch(name -> name.contains("version=\"2\""));

        serve(1, null);
        drift(1, 61);
        forget(121);

        assertThat(ofVersions())
                .containsOnlyKeys(
                        "model_version_drift_psi{model=\"spam\",version=\"1\"}",
                        "model_version_drifting{model=\"spam\",version=\"1\"}");
    }

    @Test
    void aVersionThatIsTriedAgainIsShownAgain() {
        serve(1, 2);
        evaluate(2, EvidenceVerdict.FAIL, 0);
        serve(1, null);
        forget(60);
        assertThat(ofVersions()).isEmpty();

        serve(1, 2);
        evaluate(2, EvidenceVerdict.PASS, 61);

        assertThat(ofVersions())
                .hasSize(3)
                .containsEntry("model_version_check_verdict{check=\"latency\",model=\"spam\",version=\"2\"}", 1.0);
    }

    @Test
    void versionsThatComeAndGoLeaveNothing() {
        for (int version = 2; version <= 200; version++) {
            serve(1, version);
            evaluate(version, EvidenceVerdict.FAIL, version * 100L);
            serve(1, null);
            forget(version * 100L + 60);
        }

        assertThat(reported.shown()).containsOnlyKeys(OF_MODEL);
    }

    private Map<String, Double> ofVersions() {
        Map<String, Double> shown = new TreeMap<>(reported.shown());
        shown.keySet().removeAll(OF_MODEL);
        return shown;
    }

    private void serve(int champion, @Nullable Integer candidate) {
        gauges.show(Optional.of(RolloutState.newBuilder()
                .setModel("spam")
                .setSteps(List.of(RolloutStep.newBuilder()
                        .setHoldsFrom(NOON)
                        .setChampion(champion)
                        .setCandidate(candidate)
                        .build()))
                .setVersions(List.of())
                .setChangedAt(NOON)
                .build()));
    }

    private void evaluate(int version, EvidenceVerdict verdict, long second) {
        gauges.show(
                Evaluation.newBuilder()
                        .setModel("spam")
                        .setVersion(version)
                        .setStage(RolloutStage.SHADOW)
                        .setVerdict(verdict)
                        .setChecks(List.of(Check.newBuilder()
                                .setName("latency")
                                .setVerdict(verdict)
                                .setSamples(100)
                                .setEstimate(0.5)
                                .build()))
                        .setEvaluatedAt(NOON)
                        .build(),
                NOON.plusSeconds(second));
    }

    private void drift(int version, long second) {
        gauges.show(
                new DriftReport("spam", version, "FAIL", true, true, false, "'rolling.amount' changed", 0.3, 0),
                NOON.plusSeconds(second));
    }

    private void forget(long second) {
        gauges.forget(NOON.plusSeconds(second));
    }
}
