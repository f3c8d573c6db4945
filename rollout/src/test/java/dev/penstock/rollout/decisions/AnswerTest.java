package dev.penstock.rollout.decisions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.Abstention;
import dev.penstock.schemas.AbstentionReason;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.Prediction;
import org.junit.jupiter.api.Test;

class AnswerTest {
    @Test
    void whatWasLetThroughToLearnItsLabelCountsAsWhatWouldHaveBeenDecided() {
        Answer answer = abstained(AbstentionReason.EXPLORED);

        assertThat(answer.label()).hasValue("fraud");
        assertThat(answer.abstained()).isFalse();
        assertThat(answer.confidence()).isEqualTo(0.9);
    }

    @Test
    void anyOtherAbstentionDecidesForNothing() {
        assertThat(abstained(AbstentionReason.LOW_CONFIDENCE).label()).isEmpty();
    }

    private static Answer abstained(AbstentionReason reason) {
        return Answer.of(Prediction.newBuilder(Fixtures.somePrediction("one"))
                .setOutcome(Abstention.newBuilder()
                        .setReason(reason)
                        .setLikeliestLabel("fraud")
                        .setConfidence(0.9)
                        .setDetail("")
                        .build())
                .build());
    }
}
