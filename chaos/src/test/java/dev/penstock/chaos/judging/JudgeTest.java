package dev.penstock.chaos.judging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.chaos.judging.Outcome.Buried;
import dev.penstock.chaos.judging.Outcome.Predicted;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Made-up histories, one thing wrong in each. */
class JudgeTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant SECOND_STEP = START.plusSeconds(60);
    private static final Duration HEARING = Duration.ofSeconds(5);

    private final Judge judge = judge(Delivery.EXACTLY_ONCE);

    private static Judge judge(Delivery delivery) {
        return new Judge(delivery, List.of(START, SECOND_STEP), HEARING);
    }

    private static Predicted prediction(long number) {
        return prediction(number, 1, START.plusSeconds(number));
    }

    private static Predicted prediction(long number, int version, Instant requestedAt) {
        return new Predicted(number, "card-1", 0, version, true, requestedAt);
    }

    /** Events 0 to 3: good, bad, good, good; all acknowledged, requested and answered. */
    private static void asPromised(Judge judge) {
        send(judge);
        judge.saw(prediction(0));
        judge.saw(new Buried(1, "MALFORMED_RECORD"));
        judge.saw(prediction(2));
        judge.saw(prediction(3));
    }

    private static void send(Judge judge) {
        for (long number = 0; number < 4; number++) {
            if (number == 1) {
                judge.sentBad(number);
            } else {
                judge.sentGood(number);
                judge.requested(number, "card-1", 2);
            }
            judge.acknowledged(number);
        }
    }

    @Test
    void holdsWhereEachEventHasItsOneOutcome() {
        asPromised(judge);

        assertThat(judge.isComplete()).isTrue();
        assertThat(judge.ended()).isEqualTo(4);
        assertThat(judge.verdict().holds()).isTrue();
        assertThat(judge.verdict())
                .returns(4L, Verdict::acknowledged)
                .returns(3L, Verdict::predictions)
                .returns(1L, Verdict::deadLetters)
                .returns(List.of(), Verdict::examples);
    }

    @Test
    void nothingSeenIsNothingProved() {
        assertThat(judge.verdict().holds()).isFalse();
    }

    @Test
    void missesWhatWasAcknowledged() {
        send(judge);
        judge.saw(prediction(0));
        judge.saw(new Buried(1, "MALFORMED_RECORD"));
        judge.saw(prediction(3));

        assertThat(judge.isComplete()).isFalse();
        assertThat(judge.verdict().complaints().lost()).isEqualTo(1);
        assertThat(judge.verdict().holds()).isFalse();
        assertThat(judge.verdict().examples()).containsExactly("event 2 was acknowledged and has no outcome");
    }

    @Test
    void missesNothingThatTheBrokerNeverPromised() {
        asPromised(judge);
        judge.sentGood(4);

        assertThat(judge.isComplete()).isTrue();
        assertThat(judge.verdict().holds()).isTrue();
    }

    @Test
    void anOutcomeTooManyBreaksExactlyOnce() {
        asPromised(judge);
        judge.saw(prediction(2));

        assertThat(judge.verdict().complaints().doubled()).isEqualTo(1);
        assertThat(judge.verdict().holds()).isFalse();
    }

    @Test
    void anOutcomeTooManyIsWhatAtLeastOnceAllows() {
        Judge lenient = judge(Delivery.AT_LEAST_ONCE);
        asPromised(lenient);
        lenient.saw(prediction(2));
        lenient.saw(prediction(3));

        assertThat(lenient.verdict().complaints().doubled()).isEqualTo(2);
        assertThat(lenient.verdict().complaints().outOfOrder()).isZero();
        assertThat(lenient.verdict().holds()).isTrue();
    }

    @Test
    void noDeliveryAllowsAPredictionAndADeadLetterOfOneEvent() {
        for (Delivery delivery : Delivery.values()) {
            Judge strict = judge(delivery);
            asPromised(strict);
            strict.saw(new Buried(2, "MODEL_FAILED"));

            assertThat(strict.verdict().complaints().contradictory()).isEqualTo(1);
            assertThat(strict.verdict().holds()).as(delivery.setting()).isFalse();
        }
    }

    @Test
    void noDeliveryAllowsTwoRequestsOfOneEvent() {
        Judge lenient = judge(Delivery.AT_LEAST_ONCE);
        asPromised(lenient);
        lenient.requested(2, "card-1", 2);

        assertThat(lenient.verdict().complaints().doubledRequests()).isEqualTo(1);
        assertThat(lenient.verdict().holds()).isFalse();
    }

    @Test
    void anEntitysPredictionsMustComeInItsOrder() {
        send(judge);
        judge.saw(prediction(0));
        judge.saw(new Buried(1, "MALFORMED_RECORD"));
        judge.saw(prediction(3));
        judge.saw(prediction(2));

        assertThat(judge.verdict().complaints().outOfOrder()).isEqualTo(1);
        assertThat(judge.verdict().holds()).isFalse();
    }

    @Test
    void orderIsWithinOnePartitionAndOneEntity() {
        send(judge);
        judge.saw(prediction(3));
        judge.saw(new Buried(1, "MALFORMED_RECORD"));
        judge.saw(new Predicted(2, "card-1", 1, 1, true, START));
        judge.saw(new Predicted(0, "card-2", 0, 1, true, START));

        assertThat(judge.verdict().complaints().outOfOrder()).isZero();
    }

    @Test
    void anEntitysRequestsMustComeInItsOrder() {
        judge.sentGood(0);
        judge.sentGood(1);
        judge.requested(1, "card-1", 2);
        judge.requested(0, "card-1", 2);

        assertThat(judge.verdict().complaints().outOfOrder()).isEqualTo(1);
    }

    @Test
    void anEntityKeepsItsVersionWhileAStepLasts() {
        send(judge);
        judge.saw(prediction(0, 1, START.plusSeconds(10)));
        judge.saw(prediction(2, 2, START.plusSeconds(20)));

        assertThat(judge.verdict().complaints().unsteady()).isEqualTo(1);
        assertThat(judge.verdict().holds()).isFalse();
    }

    @Test
    void theChampionMayAnswerInsteadOfTheCanaryWhatAProcessDiedOf() {
        judge.scoringEnded();
        for (long number = 0; number < 20; number++) {
            judge.sentGood(number);
            judge.acknowledged(number);
            judge.saw(number == 7 ? instead(number) : prediction(number, 2, START));
        }

        assertThat(judge.verdict())
                .returns(1L, Verdict::instead)
                .returns(0L, verdict -> verdict.complaints().unsteady())
                .returns(true, Verdict::holds);
    }

    @Test
    void theChampionMayNotAnswerInsteadWhereNoProcessDied() {
        for (long number = 0; number < 20; number++) {
            judge.sentGood(number);
            judge.acknowledged(number);
            judge.saw(number == 7 ? instead(number) : prediction(number, 2, START));
        }

        assertThat(judge.verdict()).returns(1L, Verdict::instead).returns(false, Verdict::holds);
    }

    @Test
    void theChampionMayNotAnswerInsteadAllTheTime() {
        judge.scoringEnded();
        for (long number = 0; number < 20; number++) {
            judge.sentGood(number);
            judge.acknowledged(number);
            judge.saw(number < 2 ? instead(number) : prediction(number, 2, START));
        }

        assertThat(judge.verdict()).returns(2L, Verdict::instead).returns(false, Verdict::holds);
    }

    private static Predicted instead(long number) {
        return new Predicted(number, "card-1", 0, 1, false, START);
    }

    @Test
    void aStepMayChangeTheVersion() {
        send(judge);
        judge.saw(prediction(0, 1, START.plusSeconds(10)));
        judge.saw(prediction(2, 1, SECOND_STEP.plusSeconds(2)));
        judge.saw(prediction(3, 2, SECOND_STEP.plusSeconds(10)));

        assertThat(judge.verdict().complaints().unsteady()).isZero();
        assertThat(judge.verdict().firstVersion()).isEqualTo(2);
        assertThat(judge.verdict().otherVersions()).isEqualTo(1);
    }

    @Test
    void aRepeatByAnotherVersionIsUnsteady() {
        Judge lenient = judge(Delivery.AT_LEAST_ONCE);
        asPromised(lenient);
        lenient.saw(prediction(3, 2, START.plusSeconds(3)));

        assertThat(lenient.verdict().complaints().unsteady()).isEqualTo(1);
        assertThat(lenient.verdict().holds()).isFalse();
    }

    @Test
    void aGoodEventIsNoDeadLetterAndABadOneNoPrediction() {
        send(judge);
        judge.saw(new Buried(0, "CRASHED_MODEL"));
        judge.saw(prediction(1));
        judge.saw(prediction(2));
        judge.saw(prediction(3));

        assertThat(judge.verdict().complaints().astray()).isEqualTo(2);
        assertThat(judge.verdict().holds()).isFalse();
    }

    @Test
    void whatNobodySentIsNoted() {
        asPromised(judge);
        judge.saw(prediction(99));
        judge.saw(new Buried(-1, "MALFORMED_RECORD"));

        assertThat(judge.verdict().complaints().unknown()).isEqualTo(2);
        assertThat(judge.verdict().holds()).isFalse();
    }
}
