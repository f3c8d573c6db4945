package dev.penstock.cli.platform;

import dev.penstock.cli.connection.PlatformAddress;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.schemas.pipelines.Pipelines;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock up}: the platform, empty at first, until it is interrupted. */
@Command(
        name = "up",
        description = {
            "Starts the platform in this process and keeps it running: Kafka, schema registry, ingest, and the jobs that"
                    + " score, learn from feedback and decide which version serves.",
            "Its data stays in a directory; started again it goes on where it was. Ctrl-C stops it."
        },
        footer = {
            "%nExample:",
            "  penstock up &",
            "  penstock models import my-model/ --card card.yaml",
            "  penstock send spam mail.txt"
        })
public final class UpCommand implements Callable<Integer> {
    private static final String SHIPPED_PIPELINES = "/dev/penstock/cli/demo/pipelines.yaml";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "${env:PENSTOCK_DATA:-${sys:user.home}/.penstock}",
            description = "Where its data is kept (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of(".");

    @Option(
            names = "--pipelines",
            paramLabel = "FILE",
            description = "What is scored by which model (default: pipelines.yaml in the data directory, written there"
                    + " at first start with the demo's four pipelines as an example).")
    private @Nullable Path pipelines;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            defaultValue = "9092",
            description = "Kafka's port on loopback (default: ${DEFAULT-VALUE}; 0 for a free one).")
    private int kafkaPort;

    @Option(
            names = "--registry-port",
            paramLabel = "PORT",
            defaultValue = "8081",
            description = "The schema registry's port on loopback (default: ${DEFAULT-VALUE}; 0 for a free one).")
    private int registryPort;

    @Option(
            names = "--flink-port",
            paramLabel = "PORT",
            defaultValue = "8082",
            description = "Flink's web interface on loopback (default: ${DEFAULT-VALUE}; 0 for a free one).")
    private int flinkPort;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            description =
                    "Shows Prometheus inference's metrics on this port, of every address, and ingest's on the next,"
                            + " of loopback (usually 9249; 0 for free ones; default: shows none).")
    private @Nullable Integer metricsPort;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws InterruptedException {
        Path file = pipelines == null ? data.resolve("pipelines.yaml") : pipelines;
        if (pipelines == null) {
            writeExample(file);
        }
        Pipelines described = Pipelines.read(file, System.getenv());
        CountDownLatch stopped = new CountDownLatch(1);
        LocalPlatform platform = LocalPlatform.start(
                new LocalPlatform.Settings(
                        data,
                        new LocalPlatform.Ports(kafkaPort, registryPort, flinkPort, Optional.ofNullable(metricsPort)),
                        Duration.ofSeconds(10),
                        described,
                        file,
                        Pace.PRODUCTION),
                part -> output.note("Starting " + part + "..."));
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            output.note("Stopping...");
                            platform.close();
                            stopped.countDown();
                        },
                        "stop-platform"));
        announce(platform.address(), platform.metrics());
        stopped.await();
        return ExitCode.DONE;
    }

    private void announce(PlatformAddress address, List<URI> metrics) {
        Table table = Table.withColumns("PART", "WHERE")
                .row("Kafka", address.brokers())
                .row("schema registry", address.registry())
                .row("Flink", address.flink())
                .row("pipelines", address.pipelines())
                .row("data", data.toAbsolutePath());
        metrics.forEach(where -> table.row("metrics", where));
        output.result(address, table);
        output.note("The platform runs; Ctrl-C stops it.");
    }

    private static void writeExample(Path file) {
        if (Files.exists(file)) {
            return;
        }
        try (InputStream example = UpCommand.class.getResourceAsStream(SHIPPED_PIPELINES)) {
            if (example == null) {
                throw new IllegalStateException("Cannot find the example pipelines in the jar");
            }
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.copy(example, file);
        } catch (IOException e) {
            throw CommandException.failed(
                    "Cannot write %s: %s".formatted(file, e), "Choose a directory that can be written with --data.", e);
        }
    }
}
