package dev.penstock.cli.demo;

import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock demo}: everything in one process, on real data, with an account of every event at the end. */
@Command(
        name = "demo",
        description = {
            "Runs the whole platform in this process on real mails, images, recordings and payments.",
            "Trains a first version of each of four models on a small share of the data, publishes them, sends the rest"
                    + " as events, some of them broken on purpose, and accounts for every one.",
            "While they stream, people say what some of them were, versions learn from it and earn their traffic, somebody"
                    + " publishes a bad version, and somebody lies. It takes some minutes; --short ends before that."
        },
        footer = {
            "%nExamples:",
            "  penstock demo --output json | jq '.models[] | {model, champion, versions}'",
            "  penstock demo --short --events 300 --output json | jq '.pipelines[] | {name, accuracy}'"
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int USUAL_EVENTS = 500;
    private static final double USUAL_RATE = 50;

    @Option(names = "--short", description = "Only sends some events to the first versions, and accounts for them.")
    private boolean isShort;

    @Option(
            names = {"-n", "--events"},
            paramLabel = "N",
            description = "With --short: good events to send to each pipeline (default: " + USUAL_EVENTS + ").")
    private @Nullable Integer events;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "With --short: events a second and pipeline (default: " + (int) USUAL_RATE + ").")
    private @Nullable Double rate;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            defaultValue = "penstock-demo",
            description = "Where the story is written, with pictures (default: ${DEFAULT-VALUE}).")
    private Path report = Path.of("penstock-demo");

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
        DemoReport outcome = new Demo(new Demo.Settings(length(), seed, keepRunning, report), output).run();
        return outcome.balanced() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    }

    private Demo.Length length() {
        if (!isShort) {
            if (events != null || rate != null) {
                throw CommandException.misused(
                        "Cannot send a number of events while the story is told", "Add --short, or leave them out.");
            }
            return new Demo.Length.WholeStory();
        }
        int count = events == null ? USUAL_EVENTS : events;
        double perSecond = rate == null ? USUAL_RATE : rate;
        if (count < 1 || count > 1_000_000) {
            throw CommandException.misused(
                    "Cannot send %d events".formatted(count), "Use --events with a number from 1 to 1000000.");
        }
        if (!(perSecond > 0) || perSecond > 100_000) {
            throw CommandException.misused(
                    "Cannot send %s events a second".formatted(perSecond),
                    "Use --rate with a number above 0, at most 100000.");
        }
        return new Demo.Length.Account(count, perSecond);
    }
}
