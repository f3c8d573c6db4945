package dev.penstock.chaos;

import dev.penstock.chaos.events.Ledger;
import dev.penstock.chaos.events.OutcomeReader;
import dev.penstock.chaos.events.Payments;
import dev.penstock.chaos.events.Sender;
import dev.penstock.chaos.judging.Delivery;
import dev.penstock.chaos.judging.Judge;
import dev.penstock.chaos.judging.Recoveries;
import dev.penstock.chaos.platform.Brokers;
import dev.penstock.chaos.platform.CheckpointStore;
import dev.penstock.chaos.platform.Flink;
import dev.penstock.chaos.platform.Installation;
import dev.penstock.chaos.platform.Platform;
import dev.penstock.chaos.report.ScaleReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * How fast the jobs answer what waits for them: ingest has done its part and is stopped before they start, so the
 * machine is theirs and the broker's.
 */
final class ScaleTrial {
    private static final int PARTITIONS = 4;
    private static final int ENTITIES = 1_000;
    private static final double FILLING_RATE = 20_000;
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final long LOOK_MILLIS = 20;

    private final Installation installation;
    private final long events;
    private final Delivery delivery;
    private final CheckpointStore checkpoints;
    private final Consumer<String> progress;

    ScaleTrial(
            Installation installation,
            long events,
            Delivery delivery,
            CheckpointStore checkpoints,
            Consumer<String> progress) {
        this.installation = installation;
        this.events = events;
        this.delivery = delivery;
        this.checkpoints = checkpoints;
        this.progress = progress;
    }

    /**
     * @param taskManagers of one slot each, which is the jobs' parallelism too
     * @param directory for everything; it must be empty
     */
    ScaleReport run(int taskManagers, Path directory) throws IOException, InterruptedException {
        Platform.Plan plan = new Platform.Plan(
                1,
                PARTITIONS,
                delivery,
                new Flink.Size(taskManagers, 1, taskManagers),
                Duration.ofSeconds(1),
                Duration.ofMinutes(14),
                checkpoints,
                false,
                false);
        Payments payments = new Payments(ENTITIES, PARTITIONS);
        Ledger ledger = new Ledger();
        Clock clock = Clock.systemUTC();
        try (Platform platform = Platform.start(installation, directory, plan)) {
            Judge judge = new Judge(delivery, platform.rolloutSteps(), Duration.ZERO);
            String brokers = platform.brokers().addresses(Brokers.Door.HARNESS);
            try (OutcomeReader reader = new OutcomeReader(
                            brokers, platform.schemas(), payments, ledger, judge, new Recoveries(PARTITIONS), clock);
                    Sender sender = new Sender(
                            brokers,
                            platform.schemas(),
                            payments,
                            ledger,
                            judge,
                            clock,
                            FILLING_RATE,
                            count -> count < events)) {
                reader.start();
                platform.startIngest();
                sender.start();
                sender.awaitEnd();
                // What ingest gives up has ended by itself.
                await(reader, "ingest", () -> judge.requests() + judge.ended() >= events);
                platform.stopIngest();
                long waiting = judge.requests();
                long given = judge.ended();
                progress.accept("%,d events wait for %d TaskManagers".formatted(waiting, taskManagers));
                platform.startJobs();
                await(reader, "the jobs", () -> judge.ended() - given >= waiting / 10);
                long before = judge.ended();
                long start = System.nanoTime();
                await(reader, "the jobs", () -> judge.ended() >= events);
                double seconds = (System.nanoTime() - start) / 1e9;
                return new ScaleReport(taskManagers, delivery.setting(), waiting, (judge.ended() - before) / seconds);
            }
        }
    }

    private static void await(OutcomeReader reader, String whom, BooleanSupplier done) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!done.getAsBoolean()) {
            reader.requireSound();
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("Cannot measure: %s took more than %s".formatted(whom, PATIENCE));
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }
}
