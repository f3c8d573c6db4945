package dev.penstock.inference.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;
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
        assertThat(id("spam", "id-1", "spam", 3, Variant.CHAMPION)).isEqualTo("aab22540-9bf8-5c41-9db4-dc76e5b5fe06");
    }

    @Test
    void isAnotherForAnotherAnswer() {
        List<String> made = List.of(
                id("spam", "id-1", "spam", 3, Variant.CHAMPION),
                id("mail", "id-1", "spam", 3, Variant.CHAMPION),
                id("spam", "id-2", "spam", 3, Variant.CHAMPION),
                id("spam", "id-1", "toxicity", 3, Variant.CHAMPION),
                id("spam", "id-1", "spam", 4, Variant.CHAMPION),
                id("spam", "id-1", "spam", 3, Variant.SHADOW),
                // What runs together without a separator.
                id("spami", "d-1", "spam", 3, Variant.CHAMPION));

        assertThat(made).doesNotHaveDuplicates();
    }

    @Test
    void isNotConfusedByALongOneBefore() {
        String before = id("spam", "id-1", "spam", 3, Variant.CHAMPION);
        id("spam", "x".repeat(5_000), "spam", 3, Variant.CHAMPION);

        assertThat(id("spam", "id-1", "spam", 3, Variant.CHAMPION)).isEqualTo(before);
    }

    @Test
    void isAUuidMadeFromANameByItsRules() {
        UUID id = UUID.fromString(id("spam", "ключ 🔑", "spam", 3, Variant.CHAMPION));

        assertThat(id.version()).isEqualTo(5);
        assertThat(id.variant()).isEqualTo(2);
    }

    private String id(String pipeline, String requestId, String model, int version, Variant variant) {
        byte[] id = ids.of(
                pipeline.getBytes(UTF_8), requestId.getBytes(UTF_8), PredictionIds.answerer(model, version, variant));
        return new String(id, UTF_8);
    }
}
