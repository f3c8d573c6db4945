package dev.penstock.cli.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.cli.output.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientConfigTest {
    /** As cloud services hand it out. */
    private static final String FILE = """
            bootstrap.servers=kafka.example.org:9092
            security.protocol=SASL_SSL
            sasl.mechanism=PLAIN
            sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username='u' password='p';
            acks=all
            group.id=console
            session.timeout.ms=45000
            schema.registry.url=https://registry.example.org
            schema.registry.ssl.truststore.location=/etc/registry.p12
            basic.auth.credentials.source=USER_INFO
            basic.auth.user.info=key:secret
            """;

    @TempDir
    private Path directory;

    @Test
    void namesBrokersAndRegistry() throws IOException {
        ClientConfig config = config(FILE);

        assertThat(config.brokers()).contains("kafka.example.org:9092");
        assertThat(config.registryUrl()).contains("https://registry.example.org");
    }

    @Test
    void givesEachClientItsOwnSettings() throws IOException {
        ClientConfig config = config(FILE);

        assertThat(config.kafka())
                .containsOnlyKeys(
                        "security.protocol", "sasl.mechanism", "sasl.jaas.config", "acks", "session.timeout.ms");
        assertThat(config.requestProducer()).doesNotContainKey("acks").containsKey("sasl.jaas.config");
        assertThat(config.registry())
                .containsOnlyKeys(
                        "sasl.mechanism",
                        "sasl.jaas.config",
                        "schema.registry.ssl.truststore.location",
                        "basic.auth.credentials.source",
                        "basic.auth.user.info");
    }

    @Test
    void aFileThatCannotBeReadIsRefusedWithoutItsContent() throws IOException {
        Path file = Files.writeString(directory.resolve("broken"), "basic.auth.user.info=\\uhunter2");

        assertThatThrownBy(() -> ClientConfig.read(file, Map.of()))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining(file.toString())
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> ClientConfig.read(directory.resolve("absent"), Map.of()))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("NoSuchFileException");
        assertThat(ClientConfig.none().kafka()).isEqualTo(Map.of());
    }

    @Test
    void secretsMayStandInFilesOfTheirOwn() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "hunter2\n");
        Path file = Files.writeString(directory.resolve("client.properties"), "basic.auth.user.info=key:${SECRET}");

        ClientConfig config = ClientConfig.read(file, Map.of("SECRET_FILE", secret.toString()));

        assertThat(config.registry()).containsEntry("basic.auth.user.info", "key:hunter2");
        assertThatThrownBy(() -> ClientConfig.read(file, Map.of()))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("basic.auth.user.info")
                .satisfies(refused -> assertThat(((CommandException) refused).remedy())
                        .contains("no variable 'SECRET'")
                        .contains("'SECRET_FILE'"));
    }

    private ClientConfig config(String text) throws IOException {
        return ClientConfig.read(Files.writeString(directory.resolve("client.properties"), text), Map.of());
    }
}
