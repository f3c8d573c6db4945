package dev.penstock.retrain.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.judging.GateSettings;
import org.junit.jupiter.api.Test;

class LearningPlanTest {
    @Test
    void gatesAreThoseOfTheModelsUnlessTheFileSaysOtherwise() {
        assertThat(LearningPlan.Gates.usual().settings()).isEqualTo(GateSettings.usual());
    }

    @Test
    void gatesThatTestNothingAreAMistake() {
        assertThatThrownBy(() -> new LearningPlan.Gates(0.7, 50, 0.005, 0.01, 0.02, 0.05, 50, 0.02, 0.75, 1.5, 2))
                .hasMessageContaining("level of 0.7");
    }

    @Test
    void aTrainingRestsAndStopsEarly() {
        var training = LearningPlan.usual().settings(42, 0.25, 20).training();

        assertThat(training.seed()).isEqualTo(42);
        assertThat(training.dutyCycle()).isEqualTo(0.25);
        assertThat(training.earlyStopping().patience()).isEqualTo(3);
    }
}
