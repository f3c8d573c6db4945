package dev.penstock.schemas.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VariablesTest {
    record Service(String brokers, Map<String, String> kafka) {}

    @TempDir
    private Path directory;

    @Test
    void aSecretMayLieInAFileThatTheEnvironmentNames() throws Exception {
        Path file = Files.writeString(directory.resolve("password"), "hun$ter\\2\n");
        Variables variables = new Variables(Map.of("USER", "inference", "PASSWORD_FILE", file.toString()));

        String filled = variables.fill("username='${USER}' password='${PASSWORD}'");

        assertThat(filled).isEqualTo("username='inference' password='hun$ter\\2'");
    }

    @Test
    void onlyTheLastLineBreakOfAFileIsNoPartOfTheSecret() throws Exception {
        Path unix = Files.writeString(directory.resolve("unix"), " a \n\n");
        Path windows = Files.writeString(directory.resolve("windows"), "b\r\n");
        Path none = Files.writeString(directory.resolve("none"), "c");
        Variables variables = new Variables(
                Map.of("A_FILE", unix.toString(), "B_FILE", windows.toString(), "C_FILE", none.toString()));

        String filled = variables.fill("${A}|${B}|${C}");

        assertThat(filled).isEqualTo(" a \n|b|c");
    }

    @Test
    void theVariableItselfGoesBeforeItsFile() throws Exception {
        Path file = Files.writeString(directory.resolve("password"), "of the file");
        Variables variables = new Variables(Map.of("PASSWORD", "of the variable", "PASSWORD_FILE", file.toString()));

        assertThat(variables.fill("${PASSWORD}")).isEqualTo("of the variable");
    }

    @Test
    void whatAValueHoldsIsNotLookedIntoAgain() throws Exception {
        Variables variables = new Variables(Map.of("A", "${B}", "B", "secret"));

        assertThat(variables.fill("${A}")).isEqualTo("${B}");
    }

    @Test
    void whatIsMissingIsNamedBothWays() {
        Variables variables = new Variables(Map.of());

        assertThatThrownBy(() -> variables.fill("${PASSWORD}"))
                .hasMessage("the environment has no variable 'PASSWORD'; set it, or let 'PASSWORD_FILE' name a file"
                        + " that holds it");
    }

    @Test
    void aFileThatCannotBeReadIsNamedWithItsVariableAndWithoutItsContent() throws Exception {
        Path latin = Files.write(directory.resolve("latin"), new byte[] {'h', 'u', 'n', (byte) 0xe9});
        Path large = Files.write(directory.resolve("large"), new byte[(1 << 20) + 1]);
        Path absent = directory.resolve("absent");
        Variables variables = new Variables(
                Map.of("A_FILE", latin.toString(), "B_FILE", large.toString(), "C_FILE", absent.toString()));

        assertThatThrownBy(() -> variables.fill("${A}"))
                .hasMessageContaining(latin.toString())
                .hasMessageContaining("'A_FILE'")
                .hasMessageContaining("MalformedInputException")
                .hasMessageNotContaining("hun");
        assertThatThrownBy(() -> variables.fill("${B}")).hasMessageContaining("more than 1,048,576 bytes");
        assertThatThrownBy(() -> variables.fill("${C}"))
                .hasMessageContaining(absent.toString())
                .hasMessageContaining("NoSuchFileException");
    }

    @Test
    void everyConfigurationFileMayTakeItsSecretsFromFilesAndHidesThemInTheLog() throws Exception {
        Path file = Files.writeString(directory.resolve("jaas"), "ScramLoginModule required password=\"hunter2\";\n");

        Service service = ConfigurationFile.parse(
                "service.yaml",
                "brokers: b:1\nkafka: {sasl.jaas.config: '${JAAS}'}\n",
                Service.class,
                Map.of("JAAS_FILE", file.toString()));

        assertThat(service.kafka())
                .containsEntry("sasl.jaas.config", "ScramLoginModule required password=\"hunter2\";");
        assertThat(EffectiveConfiguration.of(service)).doesNotContain("hunter2");
    }
}
