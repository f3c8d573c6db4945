package dev.penstock.models.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.architectures.TrainingExample;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.TextPayload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

class LessonTest {
    private static final ModelCard CARD = ModelCardReader.read("""
            card-version: 1
            name: fraud
            version: 1
            task: binary
            modality: record
            labels: [genuine, fraud]
            inputs:
              row:
                features: [amount, card-count-1d]
            outputs:
              scores: probabilities
            """);

    private static LabelledExample.Builder payment(String requestId, String label) {
        return SomeExamples.example(requestId, label)
                .setPayload(new FeaturesPayload(Map.of("amount", 12.5), Map.of()))
                .setFeatures(Map.of("card-count-1d", 3.0));
    }

    private static Lesson lesson(LabelledExample... training) {
        return lesson(nanos -> {}, training);
    }

    private static Lesson lesson(LongConsumer rest, LabelledExample... training) {
        return new Lesson(
                CARD,
                Path.of(""),
                new TrainingSet(
                        List.of(training), List.of(payment("held-out", "fraud").build())),
                5,
                rest);
    }

    @Test
    void whoPreparesMayRestAfterEachExample() {
        List<Long> worked = new ArrayList<>();

        lesson(
                worked::add,
                payment("one", "fraud").build(),
                payment("two", "unheard of").build());

        assertThat(worked).hasSize(2).allSatisfy(nanos -> assertThat(nanos).isNotNegative());
    }

    @Test
    void rollingFeaturesAreInputsAsWhereTheRequestWasDecided() {
        Lesson lesson = lesson(payment("request-1", "fraud").build());

        TrainingExample row = lesson.rows().get(0);
        assertThat(row.label()).isEqualTo(1);
        assertThat(((Example.Value.Floats) row.example().values().get(0)).values())
                .containsExactly(12.5f, 3f);
    }

    @Test
    void examplesCountByPropensityAndCertaintyUpToTheLargestWeight() {
        Lesson lesson = lesson(
                payment("request-1", "fraud").build(),
                payment("request-2", "fraud").setCertainty(0.5).build(),
                payment("request-3", "fraud").setWeight(100).build(),
                payment("request-4", "fraud").setWeight(2).setCertainty(0.75).build(),
                payment("request-5", "fraud").setCertainty(20).build());

        List<TrainingExample> rows = lesson.rows();
        assertThat(rows.stream().mapToDouble(TrainingExample::weight).average().orElseThrow())
                .isCloseTo(1, within(1e-12));
        assertThat(rows.get(1).weight() / rows.get(0).weight()).isCloseTo(0.5, within(1e-12));
        assertThat(rows.get(2).weight() / rows.get(0).weight()).isCloseTo(5, within(1e-12));
        assertThat(rows.get(3).weight() / rows.get(0).weight()).isCloseTo(1.5, within(1e-12));
        assertThat(rows.get(4).weight()).isEqualTo(rows.get(0).weight());
    }

    @Test
    void whatCannotBeUsedIsCountedAndStopsNothing() {
        Lesson lesson = lesson(
                payment("request-1", "fraud").build(),
                payment("request-2", "no label of the model").build(),
                payment("request-3", "genuine")
                        .setPayload(new TextPayload("no record"))
                        .build(),
                payment("request-4", "genuine").setFeatures(Map.of()).build());

        assertThat(lesson.rows()).hasSize(1);
        assertThat(lesson.unusable()).isEqualTo(3);
    }

    @Test
    void nothingThatCanBeUsedIsAnError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lesson(payment("request-1", "eggs").build()))
                .withMessageContaining("of 1 examples to learn from and 1 to judge by, 0 and 1 can be used");
    }
}
