package dev.penstock.models.architectures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.models.card.InputSpec.Feature;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.models.card.ModelCardWriter;
import dev.penstock.models.card.Task;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTest {
    static List<Architecture> architectures() {
        return List.of(
                new ImageClassifier(List.of("cat", "dog", "cow"), ImageClassifier.Size.of(32, 24, 3)),
                new AudioClassifier(List.of("de", "en", "fr"), AudioClassifier.Size.of(16_000, 16_000)),
                new TextClassifier(List.of("ham", "spam"), TextClassifier.Size.usual()),
                new RecordClassifier(
                        List.of("genuine", "fraud"),
                        List.of(
                                new Feature("amount", OptionalDouble.empty(), List.of()),
                                new Feature("country", OptionalDouble.of(0), List.of("de", "fr"))),
                        RecordClassifier.Size.usual()));
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void hasACardThatCanBeWrittenAndReadAgain(Architecture architecture) {
        ModelCard card = architecture.card("some-model", 3);

        assertThat(ModelCardReader.read(ModelCardWriter.write(card))).isEqualTo(card);
        assertThat(card.labels()).isEqualTo(architecture.labels());
        assertThat(card.task()).isEqualTo(architecture.labels().size() == 2 ? Task.BINARY : Task.MULTICLASS);
        assertThat(card.lineage()).containsEntry("architecture", architecture.name());
    }

    @Test
    void refusesLabelsThatTellNothingApart() {
        for (List<String> labels : List.of(List.<String>of(), List.of("only"), List.of("twice", "twice"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new TextClassifier(labels, TextClassifier.Size.usual()))
                    .withMessage("Cannot classify into %s: name two or more labels, each once".formatted(labels));
        }
    }
}
