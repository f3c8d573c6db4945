package dev.penstock.models.judging;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.Verdict;
import dev.penstock.schemas.LabelledExample;
import java.util.Optional;

/**
 * What a version says to one labelled request.
 *
 * @param example the request, and what it was
 * @param label the place of that in the card's labels
 * @param scores of the deciding output; empty if the version cannot read the payload, or fails on it
 * @param verdict what the policy makes of them; empty without scores
 */
public record Answer(LabelledExample example, int label, Optional<LabelledScores> scores, Optional<Verdict> verdict) {
    /** Whether it decided for the label. To abstain is not right. */
    public boolean isRight() {
        return decided().filter(example.getLabel()::equals).isPresent();
    }

    /** The label that it decided for; empty if it abstained or gave no answer. */
    public Optional<String> decided() {
        return verdict.filter(Verdict.Decided.class::isInstance).map(decision -> ((Verdict.Decided) decision).label());
    }

    /** Whether there are scores, and all of them are numbers. */
    public boolean isScored() {
        return scores.filter(LabelledScores::allFinite).isPresent();
    }

    /** The label with the highest score. Asked of scored answers alone. */
    int likeliest() {
        LabelledScores known = scores.orElseThrow();
        int likeliest = 0;
        for (int label = 1; label < known.labels().size(); label++) {
            if (known.score(label) > known.score(likeliest)) {
                likeliest = label;
            }
        }
        return likeliest;
    }

    /** Score of the true label. Asked of scored answers alone. */
    double likelihood() {
        return scores.orElseThrow().score(label);
    }
}
