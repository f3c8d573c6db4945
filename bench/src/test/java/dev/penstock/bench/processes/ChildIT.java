package dev.penstock.bench.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.bench.variants.Contender;
import dev.penstock.bench.variants.Route;
import dev.penstock.bench.variants.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildIT {
    @TempDir
    private Path directory;

    @Test
    void aProcessThatCannotStartSaysWhy() throws Exception {
        Path missing = directory.resolve("missing");
        String recording = "-XX:StartFlightRecording=filename=" + missing.resolve("some.jfr");

        try (Child child = Child.start(Contender.CEILING, setting(), List.of(recording))) {
            assertThatThrownBy(() -> child.start(new Route("in", "out", "group")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("'ceiling'", "'start in out group'", "ended with exit code 1", "some.jfr");
            assertThatThrownBy(child::requireAlive).hasMessageContaining("ended with exit code 1");
        }
    }

    @Test
    void aProcessTrainsForAsLongAsItIsTold() throws Exception {
        try (Child child = Child.start(Contender.RAW_TENSORFLOW, setting(), List.of())) {
            assertThat(child.train(Duration.ofSeconds(3))).isPositive();
        }
    }

    private Setting setting() {
        return new Setting("localhost:1", "http://localhost:1", "dense", directory.toString(), 1);
    }
}
