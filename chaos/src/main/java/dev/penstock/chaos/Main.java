package dev.penstock.chaos;

import dev.penstock.chaos.faults.Fault;
import dev.penstock.chaos.faults.Tier;
import dev.penstock.chaos.judging.Delivery;
import dev.penstock.chaos.platform.CheckpointStore;
import dev.penstock.chaos.platform.Installation;
import dev.penstock.chaos.report.Report;
import dev.penstock.chaos.report.ScaleReport;
import dev.penstock.chaos.report.TrialReport;
import dev.penstock.measuring.MeasuringCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: runs a trial, prints what was seen and, where asked, keeps it. */
@Command(
        name = "penstock chaos",
        mixinStandardHelpOptions = true,
        description =
                "Runs the whole platform as processes, kills and disturbs them while events flow, and accounts for every event.",
        footer = {
            "",
            "Ends with 0 if everything was as promised, with 3 if something was lost, doubled or mixed up, or did not come back."
        })
public final class Main implements Callable<Integer> {
    private static final int BROKEN_PROMISE = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--faults",
            split = ",",
            description =
                    "taskmanager, jobmanager, ingest, ingest-frozen, broker, leader, controller, registry, registry-at-start, network-cut, network-delay, slow-sink, disk, job-down, clock, upgrade; several with commas. Default: taskmanager, jobmanager, ingest, broker")
    private List<String> faults = List.of();

    @Option(names = "--each", description = "A platform of its own for each fault, one after the other")
    private boolean each;

    @Option(
            names = "--scale",
            description = "Measures one and two TaskManagers on that many events that wait, instead of faults")
    private boolean scale;

    @Option(
            names = "--events",
            description = "Sent at least; more, if faults are left. Default: 20,000, of tier soak 1,000,000")
    private Optional<Long> events = Optional.empty();

    @Option(
            names = "--minutes",
            description =
                    "From its start, after which a trial sends and kills no more, whatever is left. Default: no end")
    private Optional<Integer> minutes = Optional.empty();

    @Option(names = "--rate", description = "Events a second. Default: 300, of tier soak 1,000")
    private Optional<Double> rate = Optional.empty();

    @Option(
            names = "--delivery",
            defaultValue = "exactly-once",
            description = "exactly-once or at-least-once. Default: ${DEFAULT-VALUE}")
    private String delivery = "";

    @Option(names = "--brokers", defaultValue = "1", description = "1 or 3. Default: ${DEFAULT-VALUE}")
    private int brokers;

    @Option(
            names = "--checkpoints",
            defaultValue = "disk",
            description =
                    "disk, or s3: in a bucket, which a server that is started beside the others keeps. Default: ${DEFAULT-VALUE}")
    private String checkpoints = "";

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "The same seed gives the same order, pauses and targets. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(
            names = "--tier",
            defaultValue = "reduced",
            description = "reduced, for minutes, or soak: how often and how long. Default: ${DEFAULT-VALUE}")
    private String tier = "";

    @Option(names = "--results", description = "Directory to write the report into, as Markdown and JSON")
    private Optional<Path> results = Optional.empty();

    public static void main(String[] arguments) {
        System.exit(MeasuringCommand.execute(new Main(), arguments));
    }

    @Override
    public Integer call() throws Exception {
        List<Trial.Plan> plans = plans();
        Installation installation = Installation.in(Path.of(System.getProperty("penstock.home", "")));
        Instant start = Instant.now();
        List<TrialReport> reports = new ArrayList<>();
        List<ScaleReport> scales = new ArrayList<>();
        if (scale) {
            Trial.Plan plan = plans.get(0);
            for (int taskManagers = 1; taskManagers <= 2; taskManagers++) {
                Path directory = Files.createTempDirectory("penstock-chaos-");
                scales.add(new ScaleTrial(
                                installation, plan.events(), plan.delivery(), plan.checkpoints(), System.err::println)
                        .run(taskManagers, directory));
                delete(directory);
            }
        } else {
            for (Trial.Plan plan : plans) {
                reports.add(run(installation, plan));
                // After each: what was seen so far is not to be lost with what comes next.
                if (results.isPresent()) {
                    Report.of(start, reports, scales).write(results.get());
                }
            }
        }
        Report report = Report.of(start, reports, scales);
        if (results.isPresent()) {
            report.write(results.get());
        }
        System.out.print(report.toMarkdown());
        return report.holds() ? 0 : BROKEN_PROMISE;
    }

    private List<Trial.Plan> plans() {
        try {
            Tier chosen = Tier.named(tier);
            Set<Fault> all = EnumSet.noneOf(Fault.class);
            faults.stream().map(Fault::named).forEach(all::add);
            if (all.isEmpty()) {
                all.addAll(List.of(Fault.TASKMANAGER, Fault.JOBMANAGER, Fault.INGEST, Fault.BROKER));
            }
            List<Set<Fault>> trials =
                    each ? all.stream().<Set<Fault>>map(EnumSet::of).toList() : List.of(all);
            return trials.stream()
                    .map(those -> new Trial.Plan(
                            those,
                            chosen,
                            events.orElse(chosen.events()),
                            rate.orElse(chosen.rate()),
                            Delivery.named(delivery),
                            brokers,
                            CheckpointStore.named(checkpoints),
                            seed,
                            minutes.map(Duration::ofMinutes).orElse(Duration.ofDays(30))))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static TrialReport run(Installation installation, Trial.Plan plan)
            throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("penstock-chaos-");
        System.err.printf(
                "%s; the processes' logs are in %s%n",
                plan.faults().stream().sorted().map(Fault::label).toList(), directory.resolve("logs"));
        TrialReport report = new Trial(installation, plan, Clock.systemUTC(), System.err::println).run(directory);
        if (report.holds()) {
            // Else it stays, for its logs.
            delete(directory);
        }
        return report;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
