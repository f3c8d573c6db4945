package dev.penstock.schemas.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldPathTest {
    @Test
    void dotsSeparateNamesUnlessEscaped() {
        assertThat(FieldPath.parse("message.sender").names()).containsExactly("message", "sender");
        assertThat(FieldPath.parse("fields.card\\.amount").names()).containsExactly("fields", "card.amount");
    }

    @Test
    void isWrittenAsItIsRead() {
        FieldPath path = new FieldPath(List.of("fields", "card.amount"));

        assertThat(FieldPath.parse(path.toString())).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a.", ".a", "a..b", " "})
    void refusesMissingNames(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FieldPath.parse(text))
                .withMessage(
                        "'%s' is not a field path; write names with dots between them, like merchant.country", text);
    }
}
