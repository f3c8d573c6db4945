package dev.penstock.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.Verdict.Abstained;
import dev.penstock.models.Verdict.Decided;
import dev.penstock.models.Verdict.Reason;
import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.models.card.Task;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VerdictTest {
    private static final DecisionPolicy USUAL = DecisionPolicy.usual();

    private static LabelledScores three(float a, float b, float c) {
        return new LabelledScores(List.of("a", "b", "c"), new float[] {a, b, c});
    }

    private static LabelledScores two(float no, float yes) {
        return new LabelledScores(List.of("no", "yes"), new float[] {no, yes});
    }

    private static Decided decided(LabelledScores scores, Task task, DecisionPolicy policy) {
        return (Decided) Verdict.of(scores, task, policy);
    }

    private static Abstained abstained(LabelledScores scores, Task task, DecisionPolicy policy) {
        return (Abstained) Verdict.of(scores, task, policy);
    }

    @Test
    void decidesForTheLikeliestOfSeveral() {
        Decided decided = decided(three(0.2f, 0.5f, 0.3f), Task.MULTICLASS, USUAL);

        assertThat(decided.label()).isEqualTo("b");
        assertThat(decided.labels()).containsExactly("b");
        assertThat(decided.confidence()).isEqualTo(0.5);
    }

    @Test
    void decidesForTheFirstOfEqualOnes() {
        assertThat(decided(three(0.25f, 0.375f, 0.375f), Task.MULTICLASS, USUAL).label())
                .isEqualTo("b");
    }

    @Test
    void abstainsBelowTheConfidenceThatThePolicyWants() {
        DecisionPolicy careful = new DecisionPolicy(3, 0.5, 0.75);

        Abstained abstained = abstained(three(0.25f, 0.5f, 0.25f), Task.MULTICLASS, careful);

        assertThat(abstained.reason()).isEqualTo(Reason.LOW_CONFIDENCE);
        assertThat(abstained.likeliestLabel()).contains("b");
        assertThat(abstained.confidence()).hasValue(0.5);
        assertThat(abstained.detail()).contains("'b'", "0.5000", "0.75", "policy 3");
    }

    @Test
    void decidesAtExactlyTheConfidenceThatThePolicyWants() {
        assertThat(decided(three(0.25f, 0.5f, 0.25f), Task.MULTICLASS, new DecisionPolicy(1, 0.5, 0.5))
                        .label())
                .isEqualTo("b");
    }

    @Test
    void decidesForTheSecondOfTwoFromTheThreshold() {
        DecisionPolicy early = new DecisionPolicy(1, 0.25, 0);

        Decided positive = decided(two(0.75f, 0.25f), Task.BINARY, early);
        Decided negative = decided(two(0.875f, 0.125f), Task.BINARY, early);

        assertThat(positive.label()).isEqualTo("yes");
        assertThat(positive.confidence()).isEqualTo(0.25);
        assertThat(negative.label()).isEqualTo("no");
        assertThat(negative.confidence()).isEqualTo(0.875);
    }

    @Test
    void abstainsBetweenTwo() {
        DecisionPolicy careful = new DecisionPolicy(1, 0.5, 0.75);

        assertThat(abstained(two(0.5f, 0.5f), Task.BINARY, careful).likeliestLabel())
                .contains("yes");
        assertThat(abstained(two(0.625f, 0.375f), Task.BINARY, careful).likeliestLabel())
                .contains("no");
        assertThat(Verdict.of(two(0.125f, 0.875f), Task.BINARY, careful)).isInstanceOf(Decided.class);
    }

    @Test
    void decidesForEveryLabelThatStandsAlone() {
        Decided decided = decided(three(0.5f, 0.25f, 0.875f), Task.MULTILABEL, USUAL);

        assertThat(decided.label()).isEqualTo("c");
        assertThat(decided.labels()).containsExactly("c", "a");
        assertThat(decided.confidence()).isEqualTo(0.875);
    }

    @Test
    void decidesForNoLabelWhereNoneIsLikely() {
        Decided decided = decided(three(0.125f, 0.25f, 0f), Task.MULTILABEL, USUAL);

        assertThat(decided.label()).isEmpty();
        assertThat(decided.labels()).isEmpty();
        assertThat(decided.confidence()).isEqualTo(0.75);
    }

    @Test
    void abstainsWhereLabelsThatStandAloneAreNeitherLikelyNorUnlikely() {
        DecisionPolicy careful = new DecisionPolicy(1, 0.5, 0.75);

        assertThat(abstained(three(0.625f, 0.25f, 0f), Task.MULTILABEL, careful).likeliestLabel())
                .contains("a");
        assertThat(abstained(three(0.375f, 0.25f, 0f), Task.MULTILABEL, careful)
                        .confidence()
                        .orElseThrow())
                .isCloseTo(0.375, within(1e-9));
    }

    @ParameterizedTest
    @EnumSource(Task.class)
    void abstainsFromWhatIsNotANumber(Task task) {
        for (float broken : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            Abstained abstained = abstained(two(0.25f, broken), task, USUAL);

            assertThat(abstained.reason()).isEqualTo(Reason.NON_FINITE_SCORES);
            assertThat(abstained.detail()).contains("1 of 2", "yes=" + broken);
            assertThat(abstained.likeliestLabel()).isEqualTo(Optional.empty());
            assertThat(abstained.confidence()).isEmpty();
        }
    }
}
