package dev.penstock.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
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
    void findsTheSamePlacesAsSortingAllOfThem() {
        Random random = new Random(5);
        for (int round = 0; round < 2_000; round++) {
            float[] values = new float[1 + random.nextInt(30)];
            for (int index = 0; index < values.length; index++) {
                values[index] = random.nextInt(9) == 0 ? Float.NaN : (random.nextInt(9) - 4) / 4f;
            }
            int count = 1 + random.nextInt(35);
            LabelledScores scores = new LabelledScores(Collections.nCopies(values.length, "label"), values);

            int[] places = scores.highestPlaces(count);

            // A stable sort: of equal scores the first comes first.
            assertThat(places)
                    .containsExactly(IntStream.range(0, values.length)
                            .filter(index -> !Float.isNaN(values[index]))
                            .boxed()
                            .sorted((left, right) -> Float.compare(values[right], values[left]))
                            .limit(count)
                            .mapToInt(place -> place)
                            .toArray());
        }
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
