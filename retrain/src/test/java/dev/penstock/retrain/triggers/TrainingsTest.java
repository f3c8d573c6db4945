package dev.penstock.retrain.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.retrain.runs.TrainingOrder;
import dev.penstock.schemas.OffsetRange;
import dev.penstock.schemas.TrainingPhase;
import java.time.Duration;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** That one training of a model runs at a time, is tried again, and is remembered by a job that begins. */
class TrainingsTest extends TriggerScenario {
    @Test
    void nothingIsDecidedBeforeTheJobHasHeardOfThePast() throws Exception {
        tenLabels(0);
        assertThat(orders()).isEmpty();

        announced(1);
        ended("spam/2/1", TrainingPhase.PUBLISHED, 2, List.of(new OffsetRange(0, 0L, 5L), new OffsetRange(1, 0L, 5L)));
        settled();

        assertThat(orders()).isEmpty();
    }

    @Test
    void oneTrainingOfAModelRunsAtATime() throws Exception {
        serving();
        tenLabels(0);
        tenLabels(10);
        later(Duration.ofDays(1));

        assertThat(orders()).hasSize(1);
    }

    @Test
    void aFailedTrainingIsTriedAgainAfterLongerAndLongerPausesAndThenGivenUp() throws Exception {
        serving();
        tenLabels(0);

        ended(orders().get(0), TrainingPhase.FAILED);
        later(Duration.ofSeconds(59));
        assertThat(orders()).hasSize(1);
        later(Duration.ofSeconds(1));
        ended(orders().get(1), TrainingPhase.FAILED);
        later(Duration.ofMinutes(2));
        ended(orders().get(2), TrainingPhase.FAILED);
        later(Duration.ofDays(1));

        assertThat(orders()).extracting(TrainingOrder::runId).containsExactly("spam/2/1", "spam/2/2", "spam/2/3");
        assertThat(orders())
                .extracting(TrainingOrder::seed)
                .containsOnly(orders().get(0).seed());
        assertThat(orders())
                .extracting(TrainingOrder::ranges)
                .containsOnly(orders().get(0).ranges());
    }

    @Test
    void whatCameSinceTheFirstAttemptIsAReasonForTheNextTraining() throws Exception {
        serving();
        tenLabels(0);
        tenLabels(10);

        ended(orders().get(0), TrainingPhase.FAILED);
        later(Duration.ofMinutes(1));
        ended(orders().get(1), TrainingPhase.PUBLISHED);
        later(TEN.pause());

        assertThat(orders()).extracting(TrainingOrder::runId).containsExactly("spam/2/1", "spam/2/2", "spam/3/1");
    }

    @Test
    void anotherAttemptTakesAnotherNumberIfSomebodyTookItsOwn() throws Exception {
        serving();
        tenLabels(0);
        announced(2);

        ended(orders().get(0), TrainingPhase.FAILED);
        later(Duration.ofMinutes(1));

        assertThat(orders().get(1).runId()).isEqualTo("spam/3/2");
    }

    @Test
    void aRestartForgetsNeitherWhatRunsNorWhatIsNew() throws Exception {
        serving();
        tenLabels(0);
        labels("ann", 10, 5);
        TrainingOrder first = orders().get(0);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);

        restart(checkpoint);
        labels("bob", 15, 5);
        assertThat(orders()).isEmpty();
        ended(first, TrainingPhase.PUBLISHED);
        later(TEN.pause());

        assertThat(orders()).singleElement().extracting(TrainingOrder::runId).isEqualTo("spam/3/1");
    }

    @Test
    void whatWasOrderedSinceTheCheckpointIsHeardOfBeforeItIsOrderedAgain() throws Exception {
        serving();
        labels("ann", 0, 5);
        labels("bob", 5, 4);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
        long[] endsThen = ends.clone();
        labels("bob", 9, 1);
        TrainingOrder lost = orders().get(0);

        System.arraycopy(endsThen, 0, ends, 0, ends.length);
        restart(checkpoint);
        labels("bob", 9, 1);
        assertThat(orders()).isEmpty();
        ended(lost, TrainingPhase.PUBLISHED);
        later(Duration.ofDays(1));

        assertThat(orders()).isEmpty();
    }

    @Test
    void aRestartDelaysWhatIsToBeOrderedOnly() throws Exception {
        serving();
        labels("ann", 0, 5);
        labels("bob", 5, 4);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);

        restart(checkpoint);
        labels("bob", 9, 1);
        later(SETTLING);

        assertThat(orders()).extracting(TrainingOrder::runId).containsExactly("spam/2/1");
    }

    /** After an hour. */
    private void restart(OperatorSubtaskState checkpoint) throws Exception {
        close();
        harness = harness(TEN);
        harness.initializeState(checkpoint);
        harness.open();
        harness.setProcessingTime(START + Duration.ofHours(1).toMillis());
    }
}
