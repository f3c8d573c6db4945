package dev.penstock.cli.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.penstock.cli.output.CommandException;
import dev.penstock.local.EmbeddedBroker;
import dev.penstock.local.FreePort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class ConnectionIT {
    @TempDir
    Path directory;

    @Command
    private static final class Connected {
        @Mixin
        private final Connection connection = new Connection();
    }

    private static Connection to(String brokers) {
        Connected command = new Connected();
        new CommandLine(command).parseArgs("--brokers", brokers);
        return command.connection;
    }

    @Test
    void brokersThatAreNotThereYetAreWaitedForAndSomebodyIsTold() throws Exception {
        int port = FreePort.find();
        Connection connection = to("localhost:" + port);
        List<String> told = new CopyOnWriteArrayList<>();

        CompletableFuture<Void> waiting =
                CompletableFuture.runAsync(() -> connection.awaitBrokers(Duration.ofMinutes(2), told::add));
        await().atMost(Duration.ofSeconds(30)).until(() -> !told.isEmpty());
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, port)) {
            waiting.get(60, TimeUnit.SECONDS);
        }

        assertThat(told.get(0))
                .startsWith("Kafka at localhost:%d does not answer yet; it is waited for".formatted(port));
    }

    @Test
    void brokersThatNeverComeAreGivenUpWithASentence() {
        int port = FreePort.find();
        Connection connection = to("localhost:" + port);

        assertThatThrownBy(() -> connection.awaitBrokers(Duration.ofSeconds(2), told -> {}))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("Cannot reach Kafka at localhost:%d: no answer within 2 seconds", port);
    }
}
