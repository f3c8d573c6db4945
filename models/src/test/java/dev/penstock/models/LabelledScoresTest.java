package dev.penstock.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import org.junit.jupiter.api.Test;

class LabelledScoresTest {
    private static final List<String> LABELS = List.of("a", "b", "c", "d");

    @Test
    void givesTheHighestFirst() {
        LabelledScores scores = new LabelledScores(LABELS, new float[] {0.1f, 0.4f, Float.NaN, 0.3f});

        assertThat(scores.highest(2)).containsExactly(entry("b", 0.4f), entry("d", 0.3f));
        assertThat(scores.highest(10)).containsExactly(entry("b", 0.4f), entry("d", 0.3f), entry("a", 0.1f));
    }

    @Test
    void doesNotChangeWithTheArrayItWasMadeFrom() {
        float[] values = {0.1f, 0.2f, 0.3f, 0.4f};
        LabelledScores scores = new LabelledScores(LABELS, values);

        values[0] = 1;

        assertThat(scores.score(0)).isEqualTo(0.1f);
    }

    @Test
    void needsOneValueForEachLabel() {
        assertThatThrownBy(() -> new LabelledScores(LABELS, new float[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 scores with 4 labels");
    }
}
