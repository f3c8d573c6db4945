package dev.penstock.retrain.runs;

import static dev.penstock.schemas.TrainingPhase.CANCELLED;
import static dev.penstock.schemas.TrainingPhase.FAILED;
import static dev.penstock.schemas.TrainingPhase.JUDGING;
import static dev.penstock.schemas.TrainingPhase.LEARNING;
import static dev.penstock.schemas.TrainingPhase.PUBLISHED;
import static dev.penstock.schemas.TrainingPhase.REFUSED;
import static dev.penstock.schemas.TrainingPhase.STARTED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.OffsetRange;
import dev.penstock.schemas.TrainingCause;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrainModelsTest {
    private static final TrainingOrder SPAM = new TrainingOrder(
            "spam",
            2,
            1,
            1,
            TrainingCause.LABELS,
            List.of(new Range(0, 3, 5, 17)),
            42,
            "There are 10 new labels",
            false,
            List.of());
    private static final TrainingOrder FRAUD = new TrainingOrder(
            "fraud", 7, 1, 4, TrainingCause.COMMAND, List.of(new Range(1, 0, 0, 9)), 43, "", false, List.of("c-1"));

    private StubTrainer trainer = new StubTrainer();
    private TrainModelsHarness harness;

    @BeforeEach
    void open() throws Exception {
        harness = new TrainModelsHarness(trainer);
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void tellsHowATrainingGoes() throws Exception {
        harness.order(SPAM);
        trainer.endings.add(watch -> {
            watch.learning(5, 10, 0.5, 0.9);
            watch.learning(10, 10, 0.25, 0.95);
            watch.judging();
            return new Trainer.Outcome(120, "Version 2 is out", List.of(), List.of());
        });
        harness.runUntil(() -> harness.phases("spam/2/1").contains(PUBLISHED));

        assertThat(harness.phases("spam/2/1")).containsExactly(STARTED, LEARNING, LEARNING, JUDGING, PUBLISHED);
        assertThat(harness.reports().get(4)).satisfies(run -> {
            assertThat(run.getVersion()).isEqualTo(2);
            assertThat(run.getParent()).isEqualTo(1);
            assertThat(run.getCause()).isEqualTo(TrainingCause.LABELS);
            assertThat(run.getRanges()).containsExactly(new OffsetRange(0, 3L, 17L));
            assertThat(run.getLoss()).isEqualTo(0.25);
            assertThat(run.getHeldOutScore()).isEqualTo(0.95);
            assertThat(run.getMessage()).isEqualTo("Version 2 is out");
        });
    }

    @Test
    void aCheckpointDoesNotWaitForATraining() throws Exception {
        harness.order(SPAM);
        harness.runUntil(() -> trainer.begun.size() == 1);

        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);

        assertThat(checkpoint.getManagedOperatorState()).isNotEmpty();
        assertThat(harness.phases("spam/2/1")).containsExactly(STARTED);
    }

    @Test
    void aRestartBeginsTheSameTrainingAgain() throws Exception {
        harness.order(SPAM);
        harness.order(FRAUD);
        harness.runUntil(() -> trainer.begun.size() == 1);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
        close();

        restart(checkpoint);
        trainer.publishes();
        trainer.publishes();
        harness.runUntil(() -> harness.phases("fraud/7/1").contains(PUBLISHED));

        assertThat(trainer.begun).containsExactly(SPAM, FRAUD);
        assertThat(harness.phases("spam/2/1")).containsExactly(STARTED, PUBLISHED);
        assertThat(harness.reports().get(0).getMessage()).startsWith("Begun again after a restart");
    }

    @Test
    void whatHasEndedIsNotBegunAgain() throws Exception {
        harness.order(SPAM);
        trainer.publishes();
        harness.runUntil(() -> harness.phases("spam/2/1").contains(PUBLISHED));
        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
        close();

        restart(checkpoint);
        harness.runWhatIsThere();

        assertThat(trainer.begun).isEmpty();
        assertThat(harness.reports()).isEmpty();
    }

    @Test
    void anOrderThatComesTwiceIsOneTraining() throws Exception {
        harness.order(SPAM);
        harness.order(SPAM);
        trainer.publishes();
        trainer.publishes();
        harness.runUntil(() -> harness.phases("spam/2/1").contains(PUBLISHED));
        harness.runWhatIsThere();

        assertThat(trainer.begun).hasSize(1);
    }

    @Test
    void oneTrainingRunsAtATime() throws Exception {
        harness.order(SPAM);
        harness.order(FRAUD);
        harness.runUntil(() -> trainer.begun.size() == 1);
        assertThat(harness.phases("fraud/7/1")).isEmpty();

        trainer.publishes();
        harness.runUntil(() -> trainer.begun.size() == 2);

        assertThat(harness.phases("spam/2/1")).containsExactly(STARTED, PUBLISHED);
        assertThat(harness.phases("fraud/7/1")).containsExactly(STARTED);
    }

    @Test
    void aTrainingEndsWhenItIsCancelled() throws Exception {
        harness.order(SPAM);
        harness.order(FRAUD);
        harness.runUntil(() -> trainer.begun.size() == 1);

        harness.order(SPAM.cancelled("ada asked for it: it is late", List.of("c-2")));
        harness.runUntil(() -> harness.phases("spam/2/1").contains(CANCELLED));

        assertThat(harness.reports())
                .filteredOn(run -> run.getPhase() == CANCELLED)
                .singleElement()
                .satisfies(run -> {
                    assertThat(run.getMessage()).isEqualTo("ada asked for it: it is late");
                    assertThat(run.getCommandIds()).containsExactly("c-2");
                });
        harness.runUntil(() -> trainer.begun.size() == 2);
        assertThat(harness.alerts()).isEmpty();
    }

    @Test
    void aCancelledTrainingIsNotBegunAgainByARestart() throws Exception {
        harness.order(SPAM);
        harness.runUntil(() -> trainer.begun.size() == 1);
        harness.order(SPAM.cancelled("ada asked for it: it is late", List.of("c-2")));
        OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
        close();

        restart(checkpoint);
        harness.runWhatIsThere();

        assertThat(trainer.begun).isEmpty();
        assertThat(harness.reports()).singleElement().satisfies(run -> {
            assertThat(run.getPhase()).isEqualTo(CANCELLED);
            assertThat(run.getRunId()).isEqualTo("spam/2/1");
            assertThat(run.getMessage()).isEqualTo("ada asked for it: it is late");
            assertThat(run.getCommandIds()).containsExactly("c-2");
        });
    }

    @Test
    void aTrainingThatWaitsIsCancelledBeforeItBegins() throws Exception {
        harness.order(SPAM);
        harness.order(FRAUD);
        harness.runUntil(() -> trainer.begun.size() == 1);

        harness.order(FRAUD.cancelled("not now", List.of("c-2")));
        trainer.publishes();
        harness.runUntil(() -> harness.phases("spam/2/1").contains(PUBLISHED));
        harness.runWhatIsThere();

        assertThat(trainer.begun).containsExactly(SPAM);
        assertThat(harness.phases("fraud/7/1")).containsExactly(CANCELLED);
        assertThat(harness.reports())
                .filteredOn(run -> run.getPhase() == CANCELLED)
                .singleElement()
                .satisfies(run -> assertThat(run.getCommandIds()).containsExactly("c-1", "c-2"));
    }

    @Test
    void everyReportNamesTheCommandsThatAskedForItsTraining() throws Exception {
        harness.order(FRAUD);
        trainer.publishes();
        harness.runUntil(() -> harness.phases("fraud/7/1").contains(PUBLISHED));

        assertThat(harness.reports()).hasSizeGreaterThan(1).allSatisfy(run -> assertThat(run.getCommandIds())
                .containsExactly("c-1"));
    }

    @Test
    void aFailureIsReportedAndTheNextTrainingBegins() throws Exception {
        harness.order(SPAM);
        harness.order(FRAUD);
        trainer.fails("the broker is away");
        trainer.refuses();
        harness.runUntil(() -> harness.phases("fraud/7/1").contains(REFUSED));

        assertThat(harness.phases("spam/2/1")).containsExactly(STARTED, FAILED);
        assertThat(harness.alerts().get(0)).satisfies(alert -> {
            assertThat(alert.getCode()).isEqualTo(AlertCode.TRAINING_FAILED);
            assertThat(alert.getMessage()).contains("version 2 of model 'spam'").contains("the broker is away");
        });
    }

    @Test
    void suspiciousLabelsAreTold() throws Exception {
        harness.order(SPAM);
        trainer.refuses();
        harness.runUntil(() -> harness.phases("spam/2/1").contains(REFUSED));

        assertThat(harness.alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.getCode()).isEqualTo(AlertCode.SUSPICIOUS_LABELS);
            assertThat(alert.getMessage()).isEqualTo("ann flips labels");
        });
    }

    @Test
    void aTrainingThatEndsItsProcessEachTimeIsGivenUp() throws Exception {
        harness.order(SPAM);
        for (int start = 1; start <= 3; start++) {
            int begun = 1;
            harness.runUntil(() -> trainer.begun.size() == begun);
            OperatorSubtaskState checkpoint = harness.snapshot(start, 0);
            close();
            restart(checkpoint);
        }
        harness.runWhatIsThere();

        assertThat(trainer.begun).isEmpty();
        assertThat(harness.phases("spam/2/1")).containsExactly(FAILED);
        assertThat(harness.alerts()).singleElement().satisfies(alert -> assertThat(alert.getMessage())
                .contains("begun 3 times"));
    }

    @Test
    void aTrainingBeginsOnceACheckpointHasCountedIt() throws Exception {
        harness.order(SPAM);
        trainer.publishes();
        harness.notifyOfCompletedCheckpoint(1);
        OperatorSubtaskState counted = harness.snapshot(2, 0);
        harness.notifyOfCompletedCheckpoint(1);
        harness.runWhatIsThere();
        assertThat(trainer.endings).hasSize(1);
        assertThat(harness.phases("spam/2/1")).containsExactly(STARTED);

        harness.notifyOfCompletedCheckpoint(2);
        harness.runUntil(() -> harness.phases("spam/2/1").contains(PUBLISHED));
        close();

        restart(counted);
        harness.runUntil(() -> trainer.begun.size() == 1);
        assertThat(harness.reports().get(0).getMessage()).startsWith("Begun again after a restart");
    }

    @Test
    void aTrainingThatNoCheckpointHasCountedIsCancelledAtOnce() throws Exception {
        harness.order(SPAM);
        harness.order(SPAM.cancelled("not now", List.of("c-2")));
        harness.runUntil(() -> harness.phases("spam/2/1").contains(CANCELLED));

        assertThat(trainer.begun).isEmpty();
        assertThat(harness.reports().get(1).getMessage()).isEqualTo("not now");
    }

    @Test
    void whoeverClosesTheTaskClosesTheTrainerBehindTheTraining() throws Exception {
        harness.order(SPAM);
        harness.runUntil(() -> trainer.begun.size() == 1);

        close();

        assertThat(trainer.closed).isTrue();
    }

    private void restart(OperatorSubtaskState checkpoint) throws Exception {
        trainer = new StubTrainer();
        harness = new TrainModelsHarness(trainer);
        harness.initializeState(checkpoint);
        harness.open();
    }
}
