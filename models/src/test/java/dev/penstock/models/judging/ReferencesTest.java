package dev.penstock.models.judging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.schemas.DriftReference;
import org.apache.datasketches.kll.KllFloatsSketch;
import org.apache.datasketches.memory.Memory;
import org.junit.jupiter.api.Test;

class ReferencesTest {
    private static SomeAnswers spread(int rows) {
        SomeAnswers answers = new SomeAnswers();
        for (int row = 0; row < rows; row++) {
            answers.add(1, "spam", (row * 7_919 % rows + 0.5) / rows);
        }
        return answers;
    }

    private static KllFloatsSketch sketch(DriftReference reference, String name) {
        return KllFloatsSketch.heapify(Memory.wrap(
                reference.getDistributions().get(name).getQuantiles().array()));
    }

    @Test
    void countsDecisionsAndSketchesScores() {
        DriftReference reference = References.of(
                new SomeAnswers().add(3, "spam", 0.9).add(2, "ham", 0.2).all());

        assertThat(reference.getRows()).isEqualTo(5);
        assertThat(reference.getDistributions()).containsOnlyKeys("decision", "confidence", "score.ham", "score.spam");
        assertThat(reference.getDistributions().get("decision").getCounts())
                .containsEntry("spam", 3L)
                .containsEntry("ham", 2L);
        assertThat(sketch(reference, "score.spam").getN()).isEqualTo(5);
        assertThat(sketch(reference, "score.spam").getRank(0.5f)).isEqualTo(0.4);
    }

    @Test
    void ranksOfManyValuesAreOffByHalfAStepAtMost() {
        KllFloatsSketch sketch = sketch(References.of(spread(7_001).all()), "score.spam");

        assertThat(sketch.getN()).isEqualTo(References.K);
        for (int percent = 1; percent < 100; percent++) {
            assertThat(sketch.getRank(percent / 100f)).isCloseTo(percent / 100.0, within(0.5 / References.K + 1e-3));
        }
    }

    @Test
    void theSameAnswersGiveTheSameBytes() {
        assertThat(References.of(spread(5_000).all()))
                .isEqualTo(References.of(spread(5_000).all()));
    }

    /** That is what it is for. */
    @Test
    void mergesWithSketchesOfWhatComesLater() {
        KllFloatsSketch sketch = sketch(References.of(spread(5_000).all()), "score.spam");
        KllFloatsSketch later = KllFloatsSketch.newHeapInstance(200);
        for (int row = 0; row < 200; row++) {
            later.update(2);
        }

        later.merge(sketch);

        assertThat(later.getRank(1f)).isCloseTo(0.5, within(0.02));
    }
}
