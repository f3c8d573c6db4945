package dev.penstock.measuring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class MeasuringCommandTest {
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @Command(name = "penstock measure")
    private static final class Measure implements Callable<Integer> {
        @Option(names = "--rounds")
        private int rounds;

        @Override
        public Integer call() {
            if (rounds == 0) {
                throw new IllegalStateException("Cannot measure: there are no rounds; name some");
            }
            return rounds;
        }
    }

    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(errors, true, UTF_8));
    }

    @AfterEach
    void stopListening() {
        System.setErr(before);
    }

    @Test
    void endsAsTheCommandSays() {
        assertThat(MeasuringCommand.execute(new Measure(), "--rounds", "3")).isEqualTo(3);
    }

    @Test
    void aWrongCommandLineIsASentenceAndWhatToAskFor() {
        assertThat(MeasuringCommand.execute(new Measure(), "--rounds", "many")).isEqualTo(2);

        assertThat(errors.toString(UTF_8).lines())
                .hasSize(2)
                .anyMatch(line -> line.contains("'many' is not an int"))
                .contains("What it takes: penstock measure --help");
    }

    @Test
    void aFailureIsItsSentenceAndWhereTheLogIs() {
        assertThat(MeasuringCommand.execute(new Measure(), "--rounds", "0")).isEqualTo(1);

        assertThat(errors.toString(UTF_8))
                .contains("Cannot measure: there are no rounds; name some")
                .contains("More is in the log: ")
                .doesNotContain("IllegalStateException");
    }
}
