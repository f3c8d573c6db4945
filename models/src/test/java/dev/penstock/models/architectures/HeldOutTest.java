package dev.penstock.models.architectures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.models.preprocessing.Example;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeldOutTest {
    private static final List<TrainingExample> EXAMPLES = examples(990, 10);

    @Test
    void holdsOutTheSameShareOfEachLabel() {
        HeldOut split = HeldOut.of(EXAMPLES, 2, 0.2, 1);

        assertThat(HeldOut.counts(split.heldOut(), 2)).containsExactly(198, 2);
        assertThat(HeldOut.counts(split.training(), 2)).containsExactly(792, 8);
    }

    @Test
    void putsEveryExampleOnOneSide() {
        HeldOut split = HeldOut.of(EXAMPLES, 2, 0.3, 7);

        assertThat(split.training()).doesNotContainAnyElementsOf(split.heldOut());
        assertThat(split.training().size() + split.heldOut().size()).isEqualTo(1_000);
    }

    @Test
    void splitsTheSameWayForTheSameSeedAndAnotherWayForAnother() {
        assertThat(HeldOut.of(EXAMPLES, 2, 0.2, 1)).isEqualTo(HeldOut.of(EXAMPLES, 2, 0.2, 1));
        assertThat(HeldOut.of(EXAMPLES, 2, 0.2, 1)).isNotEqualTo(HeldOut.of(EXAMPLES, 2, 0.2, 2));
    }

    @Test
    void refusesLabelsThatTheModelDoesNotHave() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HeldOut.of(EXAMPLES, 1, 0.2, 1))
                .withMessage("Cannot train on label 1: the model has 1");
    }

    private static List<TrainingExample> examples(int... counts) {
        List<TrainingExample> examples = new ArrayList<>();
        for (int label = 0; label < counts.length; label++) {
            for (int count = 0; count < counts[label]; count++) {
                Example.Value value = new Example.Value.Floats(new float[] {count});
                examples.add(new TrainingExample(new Example(List.of(value)), label));
            }
        }
        return examples;
    }
}
