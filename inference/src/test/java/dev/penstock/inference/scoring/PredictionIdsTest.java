package dev.penstock.inference.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.Variant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PredictionIdsTest {
    private final PredictionIds ids = new PredictionIds();

    /** The value is that of Python's uuid.uuid5 for the same namespace and name. */
    @Test
    void isTheSameForTheSameAnswerForEver() {
        assertThat(ids.of("spam", "id-1", "spam", 3, Variant.CHAMPION))
                .isEqualTo("aab22540-9bf8-5c41-9db4-dc76e5b5fe06");
    }

    @Test
    void isAnotherForAnotherAnswer() {
        List<String> made = List.of(
                ids.of("spam", "id-1", "spam", 3, Variant.CHAMPION),
                ids.of("mail", "id-1", "spam", 3, Variant.CHAMPION),
                ids.of("spam", "id-2", "spam", 3, Variant.CHAMPION),
                ids.of("spam", "id-1", "toxicity", 3, Variant.CHAMPION),
                ids.of("spam", "id-1", "spam", 4, Variant.CHAMPION),
                ids.of("spam", "id-1", "spam", 3, Variant.SHADOW),
                // What runs together without a separator.
                ids.of("spami", "d-1", "spam", 3, Variant.CHAMPION));

        assertThat(made).doesNotHaveDuplicates();
    }

    @Test
    void isAUuidMadeFromANameByItsRules() {
        UUID id = UUID.fromString(ids.of("spam", "ключ 🔑", "spam", 3, Variant.CHAMPION));

        assertThat(id.version()).isEqualTo(5);
        assertThat(id.variant()).isEqualTo(2);
    }
}
