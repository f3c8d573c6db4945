package dev.penstock.rollout.decisions;

import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.RolloutStage;
import java.util.Optional;
import java.util.stream.Collectors;

/** What becomes of the version on trial by what is known of it: its trial ends, it waits, or it goes on. */
final class Judge {
    private final Versions versions;
    private final Freeze freeze;

    Judge(Versions versions, Freeze freeze) {
        this.versions = versions;
        this.freeze = freeze;
    }

    void judge(Ledger ledger) {
        versions.trial().ifPresent(trial -> judge(trial, ledger));
    }

    private void judge(Trial trial, Ledger ledger) {
        if (trial.fails()) {
            String because = evaluate(trial, EvidenceVerdict.FAIL, ledger);
            ledger.alert(
                    trial.version(),
                    AlertCode.VERSION_ROLLED_BACK,
                    "Version %d of model '%s' is rolled back from a share of %.2f: %s"
                            .formatted(trial.version(), versions.model(), trial.share(), because));
            versions.endTrial(RolloutStage.ROLLED_BACK, because, ledger);
            return;
        }
        if (trial.isFutile()) {
            ledger.evaluated(trial.evaluation(ledger.now()));
            versions.endTrial(RolloutStage.RETIRED, trial.futility(), ledger);
            return;
        }
        if (trial.misses(ledger.now())) {
            ledger.alert(
                    trial.version(),
                    AlertCode.MISSING_LABELS,
                    "Version %d of model '%s' is on trial and no label has counted for %s: it is held where it is; see to it that feedback comes"
                            .formatted(trial.version(), versions.model(), trial.withoutLabels(ledger.now())));
        }
        if (!trial.passes(ledger.now())) {
            return;
        }
        Optional<String> frozen = freeze.because();
        if (frozen.isEmpty()) {
            versions.advance(evaluate(trial, EvidenceVerdict.PASS, ledger), ledger);
        } else if (trial.heldBecause(frozen.get())) {
            versions.note("it is held, though its evidence suffices: " + frozen.get(), ledger);
        }
    }

    /** @return what led to the verdict */
    private static String evaluate(Trial trial, EvidenceVerdict verdict, Ledger ledger) {
        Evaluation evaluation = trial.evaluation(ledger.now());
        ledger.evaluated(evaluation);
        return evaluation.getChecks().stream()
                .filter(check -> check.getVerdict() == verdict)
                .map(Check::getDetail)
                .collect(Collectors.joining("; "));
    }

    /** A window is full. One that ended or went on by it was evaluated when it did. */
    void evaluate(Ledger ledger) {
        if (ledger.evaluations().isEmpty()) {
            versions.trial().ifPresent(trial -> ledger.evaluated(trial.evaluation(ledger.now())));
        }
    }
}
