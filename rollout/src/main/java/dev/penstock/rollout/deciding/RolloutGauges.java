package dev.penstock.rollout.deciding;

import dev.penstock.flink.metrics.MetricGroups;
import dev.penstock.rollout.drift.DriftReport;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/**
 * What metrics say of one model's rollout; written by its task, read by reporters. Checks are those of the version on trial,
 * drift is that of the champion. Of others nothing is measured any more, so what was said of them goes, once it was there to
 * be read for a while: it may be what ended the trial.
 */
final class RolloutGauges {
    /** Four scrapes of a Prometheus that is set up as ours. */
    static final Duration STAY = Duration.ofMinutes(1);

    private final MetricGroup model;
    private final Map<Integer, ShownVersion> versions = new HashMap<>();

    private volatile int champion;
    private volatile int candidate;
    private volatile double share;
    private volatile boolean paused;

    private static final class ShownVersion {
        /** A few of each trial. */
        private final Map<String, ShownCheck> checks = new HashMap<>();

        private MetricGroup group;
        private @Nullable ShownDrift drift;
        private Instant stays = Instant.EPOCH;
        private Instant checksStay = Instant.EPOCH;
        private Instant driftStays = Instant.EPOCH;

        ShownVersion(MetricGroup group) {
            this.group = group;
        }

        void forgetChecks() {
            checks.values().forEach(check -> MetricGroups.remove(check.group));
            checks.clear();
        }

        /** @param other in its place, for what is still shown: of one group all metrics go, or none */
        void forgetDrift(MetricGroup other) {
            group = other;
            drift = null;
            checks.replaceAll((name, check) -> check.in(other.addGroup("check", name)));
        }
    }

    private static final class ShownCheck {
        private final MetricGroup group;
        private volatile double estimate = Double.NaN;
        private volatile int verdict;
        private volatile long samples;

        ShownCheck(MetricGroup group) {
            this.group = group;
            group.gauge("estimate", (Gauge<Double>) () -> estimate);
            group.gauge("verdict", (Gauge<Integer>) () -> verdict);
            group.gauge("samples", (Gauge<Long>) () -> samples);
        }

        ShownCheck in(MetricGroup other) {
            ShownCheck moved = new ShownCheck(other);
            moved.estimate = estimate;
            moved.verdict = verdict;
            moved.samples = samples;
            return moved;
        }
    }

    private static final class ShownDrift {
        private volatile double index;
        private volatile boolean drifting;

        ShownDrift(MetricGroup group) {
            group.gauge("drift-psi", (Gauge<Double>) () -> index);
            group.gauge("drifting", (Gauge<Integer>) () -> drifting ? 1 : 0);
        }
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

    /** Of the version on trial, or of one whose trial it has just ended. */
    void show(Evaluation evaluation, Instant now) {
        ShownVersion version = version(evaluation.getVersion());
        version.stays = now.plus(STAY);
        version.checksStay = version.stays;
        for (Check check : evaluation.getChecks()) {
            ShownCheck shown = version.checks.computeIfAbsent(
                    check.getName(), added -> new ShownCheck(version.group.addGroup("check", added)));
            shown.estimate = check.getEstimate() == null ? Double.NaN : check.getEstimate();
            shown.samples = check.getSamples();
            shown.verdict = number(check.getVerdict());
        }
    }

    /** Of the champion. */
    void show(DriftReport report, Instant now) {
        ShownVersion version = version(report.version());
        version.stays = now.plus(STAY);
        version.driftStays = version.stays;
        if (version.drift == null) {
            version.drift = new ShownDrift(version.group);
        }
        version.drift.index = report.index();
        version.drift.drifting = report.drifting();
    }

    /** Takes back what has been there long enough of versions that nobody looks at any more. */
    void forget(Instant now) {
        Iterator<Map.Entry<Integer, ShownVersion>> each = versions.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Integer, ShownVersion> entry = each.next();
            ShownVersion version = entry.getValue();
            if (entry.getKey() == candidate) {
                version.checksStay = now.plus(STAY);
            }
            if (entry.getKey() == champion) {
                version.driftStays = now.plus(STAY);
            }
            if (entry.getKey() == candidate || entry.getKey() == champion) {
                version.stays = now.plus(STAY);
            }
            if (!now.isBefore(version.stays)) {
                MetricGroups.remove(version.group);
                each.remove();
                continue;
            }
            if (!now.isBefore(version.checksStay)) {
                version.forgetChecks();
            }
            if (version.drift != null && !now.isBefore(version.driftStays)) {
                MetricGroups.remove(version.group);
                version.forgetDrift(group(entry.getKey()));
            }
        }
    }

    private ShownVersion version(int number) {
        return versions.computeIfAbsent(number, added -> new ShownVersion(group(added)));
    }

    private MetricGroup group(int number) {
        return model.addGroup("version", Integer.toString(number));
    }

    private static int number(EvidenceVerdict verdict) {
        return switch (verdict) {
            case PASS -> 1;
            case FAIL -> -1;
            case INCONCLUSIVE, UNKNOWN -> 0;
        };
    }
}
