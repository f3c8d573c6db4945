package dev.penstock.models.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TensorFlowWordsTest {
    @Test
    void keepsWhatHappenedAndDropsWhere() {
        String words = TensorFlowWords.shortened("""
                2 root error(s) found.
                  (0) INVALID_ARGUMENT: Expected image (JPEG, PNG, or GIF), got empty file
                \t [[{{node map/while/body/_1/decode}}]]
                \t [[StatefulPartitionedCall/_7]]
                  (1) INVALID_ARGUMENT: Expected image (JPEG, PNG, or GIF), got empty file
                """);

        assertThat(words).isEqualTo("INVALID_ARGUMENT: Expected image (JPEG, PNG, or GIF), got empty file");
    }

    @Test
    void isOneLineOfReadableLength() {
        assertThat(TensorFlowWords.shortened("x".repeat(5_000) + "\nmore"))
                .hasSize(400)
                .endsWith("…");
        assertThat(TensorFlowWords.shortened("Table not initialized. [[{{node lookup}}]]"))
                .isEqualTo("Table not initialized.");
        assertThat(
                        TensorFlowWords.shortened(
                                "1 nodes in a cycle. The binary trying to import the GraphDef was built when GraphDef version was 1994."))
                .isEqualTo("1 nodes in a cycle.");
        assertThat(TensorFlowWords.shortened("")).isEmpty();
    }
}
