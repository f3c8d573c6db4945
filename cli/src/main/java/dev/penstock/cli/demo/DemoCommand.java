package dev.penstock.cli.demo;

import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock demo}: everything in one process, on real data, with an account of every event at the end. */
@Command(
        name = "demo",
        description = {
            "Runs the whole platform in this process on real mails, images, recordings and payments.",
            "Trains a first version of each of four models on a small share of the data, publishes them, sends the rest"
                    + " as events, some of them broken on purpose, and accounts for every one."
        },
        footer = {"%nExample:", "  penstock demo --events 300 --output json | jq '.pipelines[] | {name, accuracy}'"})
public final class DemoCommand implements Callable<Integer> {
    @Option(
            names = {"-n", "--events"},
            paramLabel = "N",
            defaultValue = "500",
            description = "Good events to send to each pipeline (default: ${DEFAULT-VALUE}).")
    private int events;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "50",
            description = "Events a second and pipeline (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Makes training and events the same again (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--keep-running", description = "Leaves the platform running afterwards, to look at, until Ctrl-C.")
    private boolean keepRunning;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws Exception {
        if (events < 1 || events > 1_000_000) {
            throw CommandException.misused(
                    "Cannot send %d events".formatted(events), "Use --events with a number from 1 to 1000000.");
        }
        if (!(rate > 0) || rate > 100_000) {
            throw CommandException.misused(
                    "Cannot send %s events a second".formatted(rate),
                    "Use --rate with a number above 0, at most 100000.");
        }
        DemoReport report = new Demo(new Demo.Settings(events, rate, seed, keepRunning), output).run();
        return report.balanced() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    }
}
