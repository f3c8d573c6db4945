package dev.penstock.rollout.decisions;

import dev.penstock.rollout.decisions.Happening.Overruled;
import dev.penstock.rollout.decisions.Happening.ServedLabelled;
import dev.penstock.rollout.decisions.Happening.ShadowedLabelled;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.rollout.plan.RolloutPlan.Maturity;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Variant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which labels count, and for what: as evidence of the version on trial, and for whether labels are to be believed. */
final class Labels {
    private final RolloutPlan plan;
    private final Versions versions;
    private final Freeze freeze;

    Labels(RolloutPlan plan, Versions versions, Freeze freeze) {
        this.plan = plan;
        this.versions = versions;
        this.freeze = freeze;
    }

    /**
     * Takes a label if it counts: people, outcomes and appeals, of predictions that are old enough.
     *
     * @return whether a window of labels is full
     */
    boolean served(ServedLabelled labelled, Ledger ledger) {
        return take(labelled.answer(), null, labelled.label(), labelled.attributes(), ledger);
    }

    /** The same of a label of a request that both versions answered. */
    boolean shadowed(ShadowedLabelled labelled, Ledger ledger) {
        return take(labelled.champion(), labelled.candidate(), labelled.label(), labelled.attributes(), ledger);
    }

    private boolean take(
            Answer answer, @Nullable Answer byCandidate, Label label, Map<String, String> attributes, Ledger ledger) {
        if (!Maturity.counts(label.source())
                || label.age().compareTo(plan.maturity().of(label.source())) < 0) {
            return false;
        }
        List<String> groups = groups(label, attributes);
        boolean byChampion = versions.champion().equals(Optional.of(answer.version()))
                && answer.variant() != Variant.CANARY
                && answer.variant() != Variant.SHADOW;
        // Silence does not contradict, so that beside it whoever does would look suspicious.
        if (byChampion && answer.label().isPresent() && label.source() != FeedbackSource.SILENCE) {
            boolean contradicts = !answer.label().get().equals(label.truth());
            freeze.labels().observe(groups, contradicts, plan).values().forEach(detail -> suspect(detail, ledger));
        }
        if (versions.trial().isEmpty()) {
            return false;
        }
        Trial trial = versions.trial().get();
        boolean isWindowFull = byCandidate == null
                ? trial.servedLabelled(answer, label, groups, ledger.now())
                : trial.shadowLabelled(answer, byCandidate, label, groups, ledger.now());
        trial.flooding()
                .ifPresent(detail -> ledger.alert(trial.version(), AlertCode.SUSPICIOUS_LABELS, sentence(detail)));
        return isWindowFull;
    }

    private List<String> groups(Label label, Map<String, String> attributes) {
        // A trial also hears of labels that say nothing of the champion's decisions.
        Set<String> known = new HashSet<>(freeze.labels().names());
        versions.trial().map(Trial::names).ifPresent(known::addAll);
        return Groups.of(label, attributes, plan.slices(), known);
    }

    void overruled(Overruled overruled, Ledger ledger) {
        if (!Maturity.counts(overruled.before().source())
                || overruled.before().truth().equals(overruled.after().truth())) {
            return;
        }
        // That somebody breaks a silence is no sign of labels that change.
        if (overruled.before().source() != FeedbackSource.SILENCE) {
            freeze.labels().overrule(plan).ifPresent(detail -> suspect(detail, ledger));
        }
        List<String> groups = groups(overruled.before(), overruled.attributes());
        versions.trial()
                .filter(trial -> trial.overruled(overruled, groups))
                .ifPresent(trial -> goBackToShadow(trial, ledger));
    }

    private void goBackToShadow(Trial trial, Ledger ledger) {
        String because =
                "%d labels that had counted were changed since, and what let it leave SHADOW does not hold any more"
                        .formatted(trial.changedLabels());
        ledger.alert(
                trial.version(),
                AlertCode.SUSPICIOUS_LABELS,
                "Version %d of model '%s' goes back from a share of %.2f to SHADOW: %s; look at who changed them"
                        .formatted(trial.version(), versions.model(), trial.share(), because));
        versions.restartTrial(because, ledger);
    }

    private void suspect(String detail, Ledger ledger) {
        Optional<Integer> concerned = versions.trial().map(Trial::version).or(versions::champion);
        ledger.alert(
                concerned.orElse(null),
                AlertCode.SUSPICIOUS_LABELS,
                sentence(detail) + "; nothing is promoted until somebody has looked and resumes");
    }

    private static String sentence(String detail) {
        return detail.substring(0, 1).toUpperCase(Locale.ROOT) + detail.substring(1);
    }
}
