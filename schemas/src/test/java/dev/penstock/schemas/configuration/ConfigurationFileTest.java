package dev.penstock.schemas.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationFileTest {
    enum Guarantee {
        AT_LEAST_ONCE,
        EXACTLY_ONCE
    }

    record Everything(
            String text,
            int whole,
            long large,
            double fraction,
            boolean truth,
            @Default("at-least-once") Guarantee guarantee,
            URI address,
            Path directory,
            Optional<Duration> pause,
            List<Integer> list,
            Set<String> set,
            Map<String, String> map,
            @Default Nested nested) {}

    record Nested(@Default("8MiB") ByteSize size) {}

    record Ranged(int low, int high) {
        Ranged {
            if (low > high) {
                throw new IllegalArgumentException("low %d is above high %d".formatted(low, high));
            }
        }
    }

    @Test
    void bindsEveryTypeOfValue() {
        Everything everything = parse(Everything.class, """
                text: no
                whole: 7
                large: 9000000000
                fraction: 0.5
                truth: true
                guarantee: exactly-once
                address: http://localhost:8081
                directory: /var/lib
                pause: PT5S
                list: [1, 2]
                set: [b, a]
                map: {sasl.mechanism: PLAIN}
                nested: {size: 512KiB}
                """);

        assertThat(everything)
                .isEqualTo(new Everything(
                        "no",
                        7,
                        9_000_000_000L,
                        0.5,
                        true,
                        Guarantee.EXACTLY_ONCE,
                        URI.create("http://localhost:8081"),
                        Path.of("/var/lib"),
                        Optional.of(Duration.ofSeconds(5)),
                        List.of(1, 2),
                        Set.of("a", "b"),
                        Map.of("sasl.mechanism", "PLAIN"),
                        new Nested(new ByteSize(512 * 1024))));
    }

    @Test
    void whatARecordRefusesIsReportedWhereTheRecordStands() {
        record File(Ranged range) {}

        assertThatThrownBy(() -> parse(File.class, "range:\n  low: 3\n  high: 1\n"))
                .hasMessageContaining("line 2, column 3: range: low 3 is above high 1");
    }

    @Test
    void keepsSecretsOutOfMessages() {
        record File(int port) {}

        assertThatThrownBy(() -> ConfigurationFile.parse(
                        "test.yaml", "port: ${SECRET}", File.class, Map.of("SECRET", "hunter2")))
                .hasMessageContaining("port: what the environment gives for '${SECRET}' cannot be used here")
                .message()
                .doesNotContain("hunter2");
    }

    @Test
    void saysWhenTheFileCannotBeRead(@TempDir Path directory) throws Exception {
        record File(int port) {}
        Path latin = Files.write(directory.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe9});

        assertThatThrownBy(() -> ConfigurationFile.read(directory.resolve("none.yaml"), File.class, Map.of()))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("NoSuchFileException");
        assertThatThrownBy(() -> ConfigurationFile.read(latin, File.class, Map.of()))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("MalformedInputException");
    }

    @Test
    void aTypeThatCannotBeBoundIsABug() {
        record File(OptionalInt port) {}

        assertThatThrownBy(() -> parse(File.class, "port: 1")).isInstanceOf(IllegalStateException.class);
    }

    private static <T extends Record> T parse(Class<T> type, String yaml) {
        return ConfigurationFile.parse("test.yaml", yaml, type, Map.of());
    }
}
