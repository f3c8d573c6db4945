package dev.penstock.models.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.models.tensorflow.CallSizes.Subject;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallSizesTest {
    private final CallSizes sizes = new CallSizes();

    private static Subject subject(String graph, int most) {
        return new Subject(graph, "serving_default", List.of(), List.of(), most);
    }

    @Test
    void holdsForTheSameGraphAskedForTheSameRows() {
        sizes.keep(subject("a", 128), 32);

        assertThat(sizes.of(subject("a", 128))).hasValue(32);
        assertThat(sizes.of(subject("a", 256))).isEmpty();
        assertThat(sizes.of(subject("b", 128))).isEmpty();
    }

    @Test
    void forgetsTheOldestOfVeryMany() {
        for (int graph = 0; graph < 1_000; graph++) {
            sizes.keep(subject("graph-" + graph, 128), 32);
        }

        assertThat(sizes.of(subject("graph-0", 128))).isEmpty();
        assertThat(sizes.of(subject("graph-999", 128))).hasValue(32);
    }
}
