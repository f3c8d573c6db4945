package dev.penstock.models.tensorflow;

import static dev.penstock.models.tensorflow.Strangers.row;
import static dev.penstock.models.tensorflow.Strangers.score;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.models.TinyModels;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.preprocessing.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;

/** Native memory, which no garbage collector knows of, is given back. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the process's memory is read from /proc")
class FlatMemoryIT {
    /** What an allocator keeps for later, and other threads of this process use meanwhile. */
    private static final long NOISE_BYTES = 24L * 1024 * 1024;

    private static final int WIDTH = 1_000;

    @TempDir
    Path directory;

    @Test
    void isFlatOverHundredsOfVersions() throws Exception {
        Bundle records = TinyModels.record(directory.resolve("records"), 1);
        Bundle texts = TinyModels.text(directory.resolve("texts"), 1);
        loadAndClose(records, texts, 150);
        long before = residentBytes();

        loadAndClose(records, texts, 150);

        // One leaked graph of these, with its session, would be 70 MB by now.
        assertThat(residentBytes() - before).isLessThan(NOISE_BYTES);
    }

    private static void loadAndClose(Bundle records, Bundle texts, int times) throws IOException {
        List<Example> numbers = Collections.nCopies(40, row(100f, 0f));
        List<Example> words = Collections.nCopies(40, row("some text that is longer than a short string"));
        for (int round = 0; round < times; round++) {
            try (TensorFlowModel model = Strangers.load(records)) {
                assertThat(score(model, numbers)).hasSize(40);
            }
            try (TensorFlowModel model = Strangers.load(texts)) {
                assertThat(score(model, words)).hasSize(40);
            }
        }
    }

    @Test
    void isFlatOverThousandsOfCalls() throws Exception {
        try (TensorFlowModel wide = wide();
                TensorFlowModel texts = Strangers.load(TinyModels.text(directory.resolve("texts"), 1))) {
            call(wide, texts, 200);
            long before = residentBytes();

            call(wide, texts, 2_000);

            // One leaked tensor a call would be 60 MB by now.
            assertThat(residentBytes() - before).isLessThan(NOISE_BYTES);
        }
    }

    /** A thousand numbers in and out. */
    private TensorFlowModel wide() throws IOException {
        String labels = IntStream.range(0, WIDTH)
                .mapToObj(label -> "label-" + label)
                .collect(Collectors.joining(", ", "[", "]"));
        String card = Strangers.ECHO_CARD
                .replace("labels: [a, b]", "labels: " + labels)
                .replace("features: [a, b]", "features: {count: %d}".formatted(WIDTH));
        try (GraphFixture fixture = Strangers.echo(Shape.of(-1, WIDTH))) {
            return Strangers.load(directory, card, fixture.write(Strangers.freshIn(directory)));
        }
    }

    private static void call(TensorFlowModel wide, TensorFlowModel texts, int times) {
        List<Example> numbers = Collections.nCopies(16, row(new float[WIDTH]));
        List<Example> words = Collections.nCopies(16, row("x".repeat(10_000)));
        for (int call = 0; call < times; call++) {
            // Of different sizes, so that memory is used again and outgrown.
            wide.score(numbers.subList(0, 1 + call % 16));
            texts.score(words.subList(0, 1 + call % 16));
        }
    }

    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
