package dev.penstock.rollout.deciding;

import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** What metrics say of one model's rollout; written by its task, read by reporters. */
final class RolloutGauges {
    private final MetricGroup model;
    /** By version and check: there are a few of each trial. */
    private final Map<String, Shown> checks = new ConcurrentHashMap<>();

    private volatile int champion;
    private volatile int candidate;
    private volatile double share;
    private volatile boolean paused;

    private static final class Shown {
        private volatile double estimate = Double.NaN;
        private volatile int verdict;
        private volatile long samples;
    }

    RolloutGauges(MetricGroup task, String name) {
        model = task.addGroup("model", name);
        model.gauge("champion-version", (Gauge<Integer>) () -> champion);
        model.gauge("candidate-version", (Gauge<Integer>) () -> candidate);
        model.gauge("trial-share", (Gauge<Double>) () -> share);
        model.gauge("paused", (Gauge<Integer>) () -> paused ? 1 : 0);
    }

    void show(Optional<RolloutState> state) {
        if (state.isPresent()) {
            RolloutStep last = state.get().getSteps().get(state.get().getSteps().size() - 1);
            champion = last.getChampion();
            candidate = last.getCandidate() == null ? 0 : last.getCandidate();
            share = last.getCandidate() == null ? 0 : last.getShare();
            paused = state.get().getPaused();
        }
    }

    void show(Evaluation evaluation) {
        for (Check check : evaluation.getChecks()) {
            Shown shown = checks.computeIfAbsent(
                    evaluation.getVersion() + "/" + check.getName(),
                    added -> register(evaluation.getVersion(), check.getName()));
            shown.estimate = check.getEstimate() == null ? Double.NaN : check.getEstimate();
            shown.samples = check.getSamples();
            shown.verdict = number(check.getVerdict());
        }
    }

    private Shown register(int version, String check) {
        Shown shown = new Shown();
        MetricGroup group = model.addGroup("version", Integer.toString(version)).addGroup("check", check);
        group.gauge("estimate", (Gauge<Double>) () -> shown.estimate);
        group.gauge("verdict", (Gauge<Integer>) () -> shown.verdict);
        group.gauge("samples", (Gauge<Long>) () -> shown.samples);
        return shown;
    }

    private static int number(EvidenceVerdict verdict) {
        return switch (verdict) {
            case PASS -> 1;
            case FAIL -> -1;
            case INCONCLUSIVE, UNKNOWN -> 0;
        };
    }
}
