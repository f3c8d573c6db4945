package dev.penstock.cli.demo;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.models.SigningOptions;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock stream}: the demo's data, sent to a platform that runs elsewhere. */
@Command(
        name = "stream",
        description = {
            "Sends the demo's real mails, images, recordings and payments to a platform that runs already, such as that of"
                    + " docker compose, as their owners' systems would; people say what some of them were.",
            "Trains and publishes a first version of each of the four models that has none yet. At the end every event is"
                    + " accounted for. The platform must have the demo's four pipelines."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  penstock stream --brokers kafka:9092 --registry http://schema-registry:8080/apis/ccompat/v7 --key release.key",
            "",
            "Exit code 3 says that some event has no outcome, or two."
        })
public final class StreamCommand implements Callable<Integer> {
    private static final int MOST_EVENTS = 1_000_000;

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final PipelinesFile pipelinesFile = new PipelinesFile();

    @Mixin
    private final SigningOptions signing = new SigningOptions();

    @Mixin
    private final Output output = new Output();

    @Option(
            names = {"-n", "--events"},
            paramLabel = "N",
            defaultValue = "500",
            description = "Good events to send to each pipeline (default: ${DEFAULT-VALUE}).")
    private int events;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "10",
            description = "Events a second and pipeline (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Makes training and events the same again, but for the events' ids (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    public Integer call() throws Exception {
        if (events < 1 || events > MOST_EVENTS) {
            throw CommandException.misused(
                    "Cannot send %d events".formatted(events), "Use --events with a number from 1 to 1000000.");
        }
        if (!(rate > 0) || rate > 100_000) {
            throw CommandException.misused(
                    "Cannot send %s events a second".formatted(rate),
                    "Use --rate with a number above 0, at most 100000.");
        }
        ClusterStream stream = new ClusterStream(
                connection,
                pipelinesFile.require(connection),
                signing.require(connection),
                new ClusterStream.Settings(events, rate, seed),
                output);
        return stream.run().balanced() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    }
}
