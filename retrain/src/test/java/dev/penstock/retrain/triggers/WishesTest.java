package dev.penstock.retrain.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.retrain.runs.TrainingOrder;
import dev.penstock.retrain.triggers.TrainingNews.Kind;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.TrainingCause;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a person may ask for, and how that is answered. */
class WishesTest extends TriggerScenario {
    @Test
    void aPersonBeginsATrainingAtOnceAndOncePerCommand() throws Exception {
        serving();
        labels("ann", 0, 1);

        command("c-1", RolloutAction.TRAIN);
        command("c-1", RolloutAction.TRAIN);
        ended(orders().get(0), TrainingPhase.REFUSED);
        command("c-1", RolloutAction.TRAIN);

        assertThat(orders()).singleElement().satisfies(order -> {
            assertThat(order.cause()).isEqualTo(TrainingCause.COMMAND);
            assertThat(order.reason()).contains("ada").contains("I want to see it");
        });
    }

    @Test
    void anOrderNamesTheCommandsThatAskedForItAndTheNextOneThoseThatCameMeanwhile() throws Exception {
        serving();
        labels("ann", 0, 1);
        command("c-1", RolloutAction.TRAIN);

        command("c-2", RolloutAction.TRAIN);
        command("c-3", RolloutAction.TRAIN);
        ended(orders().get(0), TrainingPhase.REFUSED);

        assertThat(orders())
                .extracting(TrainingOrder::commandIds)
                .containsExactly(List.of("c-1"), List.of("c-2", "c-3"));
    }

    @Test
    void aPersonWhoCannotWaitForTheNextAttemptIsNamedByIt() throws Exception {
        serving();
        labels("ann", 0, 1);
        command("c-1", RolloutAction.TRAIN);
        ended(orders().get(0), TrainingPhase.FAILED);

        command("c-2", RolloutAction.TRAIN);

        assertThat(orders())
                .extracting(TrainingOrder::commandIds)
                .containsExactly(List.of("c-1"), List.of("c-1", "c-2"));
    }

    @Test
    void whoCancelsIsAnsweredAlsoWhereThereIsNothingToCancel() throws Exception {
        serving();
        labels("ann", 0, 5);
        labels("bob", 5, 4);

        command("c-1", RolloutAction.CANCEL_TRAINING);

        assertThat(orders()).isEmpty();
        List<TrainingRun> answers = written(TriggerTraining.REPORTS, TrainingRun.class);
        assertThat(answers).hasSize(1);
        TrainingRun answer = answers.get(0);
        assertThat(answer.getMessage()).startsWith("Cannot cancel the training of model 'spam': none is under way");
        assertThat(answer.getCommandIds()).containsExactly("c-1");
        // It ends no run, so that nobody waits for a pause after it.
        hear(Kind.RUN, Topic.TRAINING_RUNS, answer);
        labels("bob", 9, 1);
        assertThat(orders()).hasSize(1);
    }

    @Test
    void aCommandFromLongAgoIsLeftAlone() throws Exception {
        serving();
        labels("ann", 0, 1);
        later(Duration.ofHours(2));

        command("c-1", RolloutAction.TRAIN);

        assertThat(orders()).isEmpty();
    }

    @Test
    void aPersonCancelsWhatRuns() throws Exception {
        serving();
        labels("ann", 0, 1);
        command("c-1", RolloutAction.TRAIN);

        command("c-2", RolloutAction.CANCEL_TRAINING);

        assertThat(orders()).hasSize(2);
        assertThat(orders().get(1).isCancelled()).isTrue();
        assertThat(orders().get(1).runId()).isEqualTo(orders().get(0).runId());
        assertThat(orders().get(1).commandIds()).containsExactly("c-1", "c-2");
        ended(orders().get(0), TrainingPhase.CANCELLED);
        later(Duration.ofDays(1));
        assertThat(orders()).hasSize(2);
    }
}
