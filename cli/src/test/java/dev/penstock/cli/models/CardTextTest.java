package dev.penstock.cli.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.cli.output.CommandException;
import org.junit.jupiter.api.Test;

class CardTextTest {
    private static final String CARD = """
            card-version: 1
            name: spam        # what mails are
            version: 3        # raised by hand
            task: binary
            modality: text
            labels: [ham, spam]
            inputs: {text: text}
            outputs: {spam: probabilities}
            decision:
              version: 2
            """;

    @Test
    void changesTheVersionAndNothingElse() {
        assertThat(CardText.withVersion(CARD, 12)).isEqualTo(CARD.replace("version: 3 ", "version: 12 "));
    }

    @Test
    void saysWhereTheVersionHasToBe() {
        String braces = """
                {card-version: 1, name: spam, version: 3, task: binary, modality: text, labels: [ham, spam],
                 inputs: {text: text}, outputs: {spam: probabilities}}
                """;

        assertThatThrownBy(() -> CardText.withVersion(braces, 12))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("it has no line of its own with its version");
    }
}
