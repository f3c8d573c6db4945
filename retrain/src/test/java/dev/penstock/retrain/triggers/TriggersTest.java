package dev.penstock.retrain.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.retrain.runs.TrainingOrder;
import dev.penstock.retrain.triggers.TrainingNews.Kind;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.TrainingCause;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.topics.Topic;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What else begins a training, what it starts from, and when it has to wait. */
class TriggersTest extends TriggerScenario {
    @Test
    void theScheduleBeginsATrainingWithFewerLabelsButNotWithNone() throws Exception {
        close();
        open(new TriggerSettings(10, 0.5, Duration.ofDays(1), true, 3, Duration.ZERO, false, 3, Duration.ofMinutes(1)));
        serving();
        labels("ann", 0, 3);
        later(Duration.ofHours(23));
        assertThat(orders()).isEmpty();

        later(Duration.ofHours(1));

        assertThat(orders()).singleElement().extracting(TrainingOrder::cause).isEqualTo(TrainingCause.SCHEDULE);
        ended(orders().get(0), TrainingPhase.PUBLISHED);
        later(Duration.ofDays(3));
        assertThat(orders()).hasSize(1);
    }

    @Test
    void driftBeginsATrainingOnceThereAreLabelsToLearnFrom() throws Exception {
        serving();
        drifted(1);
        labels("ann", 0, 2);
        assertThat(orders()).isEmpty();

        labels("ann", 2, 1);

        assertThat(orders()).singleElement().satisfies(order -> {
            assertThat(order.cause()).isEqualTo(TrainingCause.DRIFT);
            assertThat(order.reason()).contains("PSI");
        });
    }

    @Test
    void driftOfAVersionThatServesNoMoreIsNoReason() throws Exception {
        announced(1);
        announced(2);
        rollout(2, null, RolloutStage.RETIRED, RolloutStage.CHAMPION);
        settled();
        labels("ann", 0, 5);

        drifted(1);

        assertThat(orders()).isEmpty();
    }

    @Test
    void nothingIsTrainedWhileACandidateIsOnTrialUnlessAPersonWantsIt() throws Exception {
        announced(1);
        announced(2);
        rollout(1, 2, RolloutStage.CHAMPION, RolloutStage.SHADOW);
        settled();
        tenLabels(0);
        assertThat(orders()).isEmpty();

        command("c-1", RolloutAction.TRAIN);

        assertThat(orders()).singleElement().satisfies(order -> {
            assertThat(order.parent()).isEqualTo(1);
            assertThat(order.version()).isEqualTo(3);
        });
    }

    @Test
    void aVersionThatTheRolloutHasNotNoticedYetIsOnTrialToo() throws Exception {
        announced(1);
        rollout(1, null, RolloutStage.CHAMPION);
        announced(2);
        settled();
        tenLabels(0);
        assertThat(orders()).isEmpty();

        rollout(2, null, RolloutStage.RETIRED, RolloutStage.CHAMPION);

        assertThat(orders()).singleElement().extracting(TrainingOrder::parent).isEqualTo(2);
    }

    @Test
    void whatARolloutJobWritesLateChangesNoParent() throws Exception {
        announced(1);
        announced(2);
        rollout(2, null, RolloutStage.RETIRED, RolloutStage.CHAMPION);
        rollout(Fixtures.NOON.minusMillis(1), 1, 2);
        settled();

        tenLabels(0);

        assertThat(orders()).singleElement().extracting(TrainingOrder::parent).isEqualTo(2);
    }

    @Test
    void aRefusedVersionIsNeitherAParentNorItsNumberFree() throws Exception {
        announced(1);
        hear(
                Kind.VERSION,
                Topic.MODEL_VERSIONS,
                ModelVersion.newBuilder(Fixtures.someModelVersion("spam", 2))
                        .setRefusedBecause(List.of("It is worse"))
                        .build());
        settled();
        labels("ann", 0, 5);

        labels("bob", 5, 5);

        assertThat(orders()).singleElement().satisfies(order -> {
            assertThat(order.parent()).isEqualTo(1);
            assertThat(order.version()).isEqualTo(3);
        });
    }

    @Test
    void withoutAVersionToStartFromThereIsNoTraining() throws Exception {
        settled();
        tenLabels(0);
        assertThat(orders()).isEmpty();

        announced(1);

        assertThat(orders()).hasSize(1);
    }

    private void drifted(int version) throws Exception {
        hear(
                Kind.ALERT,
                Topic.ALERTS,
                Alert.newBuilder(Fixtures.someAlert("spam"))
                        .setModelVersion(version)
                        .setCode(AlertCode.DRIFT)
                        .setMessage("PSI of score.spam is 0.31")
                        .setRaisedAt(Fixtures.NOON)
                        .build());
    }
}
