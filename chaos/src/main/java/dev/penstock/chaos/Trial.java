package dev.penstock.chaos;

import dev.penstock.chaos.events.Ledger;
import dev.penstock.chaos.events.OutcomeReader;
import dev.penstock.chaos.events.Payments;
import dev.penstock.chaos.events.Sender;
import dev.penstock.chaos.faults.Fault;
import dev.penstock.chaos.faults.Injection;
import dev.penstock.chaos.faults.Injector;
import dev.penstock.chaos.faults.Injector.Victims;
import dev.penstock.chaos.faults.Schedule;
import dev.penstock.chaos.faults.Tier;
import dev.penstock.chaos.judging.Delivery;
import dev.penstock.chaos.judging.Judge;
import dev.penstock.chaos.judging.Recoveries;
import dev.penstock.chaos.platform.Brokers;
import dev.penstock.chaos.platform.CheckpointStore;
import dev.penstock.chaos.platform.Flink;
import dev.penstock.chaos.platform.Installation;
import dev.penstock.chaos.platform.Platform;
import dev.penstock.chaos.report.InjectionReport;
import dev.penstock.chaos.report.KeptState;
import dev.penstock.chaos.report.TrialReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One platform from its start to the verdict: events flow, faults happen, and every event is accounted for. */
final class Trial {
    private static final int PARTITIONS = 4;
    private static final int ENTITIES = 1_000;
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(1);
    private static final Duration USUAL_TRANSACTION_TIMEOUT = Duration.ofMinutes(14);
    /** Where the jobs are to be down for longer. */
    private static final Duration SHORT_TRANSACTION_TIMEOUT = Duration.ofSeconds(60);

    private static final Duration HEARING = Duration.ofSeconds(5);
    private static final Duration START_PATIENCE = Duration.ofMinutes(8);
    /** After which the next fault comes all the same, and the verdict is spoken on what is there. */
    private static final Duration RECOVERY_PATIENCE = Duration.ofMinutes(4);
    /** In which a repeat would still come. */
    private static final Duration SETTLING = Duration.ofSeconds(8);

    private static final long LOOK_MILLIS = 50;

    private final Installation installation;
    private final Plan plan;
    private final Clock clock;
    private final Consumer<String> progress;

    /**
     * What is tried.
     *
     * @param events that are sent at least: more, if faults are left
     * @param rate events a second
     * @param brokers 1 or 3
     * @param atMost after which no further event is sent and no further fault begins
     */
    record Plan(
            Set<Fault> faults,
            Tier tier,
            long events,
            double rate,
            Delivery delivery,
            int brokers,
            CheckpointStore checkpoints,
            long seed,
            Duration atMost) {
        Plan {
            faults = Set.copyOf(faults);
            if (events < 1 || rate <= 0) {
                throw new IllegalArgumentException(
                        "Cannot send %d events at %s a second: use 1 or more, and more than 0".formatted(events, rate));
            }
            if (brokers != 1 && brokers != 3) {
                throw new IllegalArgumentException(
                        "Cannot start %d brokers: use 1, or 3 so that one of them may be away".formatted(brokers));
            }
            if (checkpoints != CheckpointStore.DISK && faults.contains(Fault.DISK)) {
                throw new IllegalArgumentException(
                        "Cannot fill the disk of checkpoints that are in %s: use --checkpoints disk, or leave the fault 'disk' out"
                                .formatted(checkpoints.label()));
            }
            if (brokers == 1 && faults.stream().anyMatch(Fault::needsThreeBrokers)) {
                throw new IllegalArgumentException(
                        "Cannot kill a leader or a controller where there is one broker: use --brokers 3, or the fault"
                                + " 'broker'");
            }
        }
    }

    Trial(Installation installation, Plan plan, Clock clock, Consumer<String> progress) {
        this.installation = installation;
        this.plan = plan;
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * Runs it; no process is left then.
     *
     * @param directory for everything; it must be empty
     */
    TrialReport run(Path directory) throws IOException, InterruptedException {
        Duration transactionTimeout =
                plan.faults().contains(Fault.JOB_DOWN) ? SHORT_TRANSACTION_TIMEOUT : USUAL_TRANSACTION_TIMEOUT;
        Platform.Plan platformPlan = new Platform.Plan(
                plan.brokers(),
                PARTITIONS,
                plan.delivery(),
                Flink.Size.usual(),
                CHECKPOINT_INTERVAL,
                transactionTimeout,
                plan.checkpoints(),
                plan.faults().contains(Fault.DISK),
                plan.faults().contains(Fault.CLOCK));
        long began = System.nanoTime();
        try (Platform platform = Platform.start(installation, directory, platformPlan)) {
            Thread onExit = new Thread(platform::close, "processes-shutdown");
            Runtime.getRuntime().addShutdownHook(onExit);
            try {
                return new Run(platform, transactionTimeout, began).run();
            } finally {
                Runtime.getRuntime().removeShutdownHook(onExit);
            }
        }
    }

    private final class Run {
        private final Platform platform;
        private final Payments payments = new Payments(ENTITIES, PARTITIONS);
        private final Ledger ledger = new Ledger();
        private final Recoveries recoveries = new Recoveries(PARTITIONS);
        private final Judge judge;
        private final Schedule schedule;
        private final Injector injector;
        private final long began;
        private final AtomicBoolean more = new AtomicBoolean(true);
        private final List<Injected> injected = new ArrayList<>();

        Run(Platform platform, Duration transactionTimeout, long began) {
            this.platform = platform;
            this.began = began;
            this.judge = new Judge(plan.delivery(), platform.rolloutSteps(), HEARING);
            this.schedule = new Schedule(plan.faults(), plan.tier(), transactionTimeout, plan.seed());
            // Else kills in a row would be of the one that has just taken over, and nobody would ever recover.
            this.injector = new Injector(platform, onlyTaskManagers() ? Victims.ANY : Victims.BUSY, clock);
        }

        TrialReport run() throws IOException, InterruptedException {
            String brokers = platform.brokers().addresses(Brokers.Door.HARNESS);
            try (OutcomeReader reader =
                            new OutcomeReader(brokers, platform.schemas(), payments, ledger, judge, recoveries, clock);
                    Sender sender = new Sender(
                            brokers,
                            platform.schemas(),
                            payments,
                            ledger,
                            judge,
                            clock,
                            plan.rate(),
                            count -> more.get())) {
                reader.start();
                sender.start();
                Duration start = begin(reader, sender);
                recoveries.longestSilence();
                long flowing = System.nanoTime();
                inject(reader, sender);
                more.set(false);
                sender.awaitEnd();
                awaitComplete(reader);
                Duration flowed = Duration.ofNanos(System.nanoTime() - flowing);
                Thread.sleep(SETTLING.toMillis());
                reader.requireSound();
                platform.stopJobs();
                return new TrialReport(
                        plan.faults().stream().sorted().map(Fault::label).toList(),
                        plan.tier().label(),
                        plan.brokers(),
                        plan.rate(),
                        plan.seed(),
                        start,
                        flowed,
                        judge.verdict(),
                        KeptState.in(plan.checkpoints().label(), platform.checkpointFiles()),
                        injected.stream().map(Injected::report).toList());
            }
        }

        /** @return how long it took from nothing to answers from every partition */
        private Duration begin(OutcomeReader reader, Sender sender) throws IOException, InterruptedException {
            Recoveries.Recovery first = recoveries.await(Instant.EPOCH);
            if (plan.faults().contains(Fault.REGISTRY_AT_START)) {
                inject(Schedule.atStart(plan.tier()));
            } else {
                platform.startIngest();
                platform.startJobs();
            }
            if (!await(first, START_PATIENCE, reader, sender)) {
                throw new IllegalStateException(
                        "Cannot begin: not every partition had an answer within %s; see the logs in %s"
                                .formatted(START_PATIENCE, platform.directory().resolve("logs")));
            }
            Duration start = Duration.ofNanos(System.nanoTime() - began);
            progress.accept("everything answers after %,d ms".formatted(start.toMillis()));
            return start;
        }

        private void inject(OutcomeReader reader, Sender sender) throws IOException, InterruptedException {
            while (!isOver() && (ledger.count() < plan.events() || !schedule.isDone())) {
                Optional<Injection> next = schedule.next();
                if (next.isEmpty()) {
                    awaitEvents(reader, sender);
                    break;
                }
                // It may be that all events were sent before it comes: some more follow it then.
                Injection injection = next.get();
                if (!onlyTaskManagers() && !injected.isEmpty()) {
                    // Else what is still wrong would count as this fault's.
                    await(last().recovery(), RECOVERY_PATIENCE, reader, sender);
                }
                long pause = injection.pause().toMillis();
                for (long waited = 0; waited < pause; waited += LOOK_MILLIS) {
                    Thread.sleep(LOOK_MILLIS);
                    requireSound(reader, sender);
                }
                inject(injection);
            }
            if (!injected.isEmpty()) {
                await(last().recovery(), RECOVERY_PATIENCE, reader, sender);
            }
        }

        private void inject(Injection injection) throws IOException, InterruptedException {
            injected.stream().skip(Math.max(0, injected.size() - 1)).forEach(before -> before.silence(recoveries));
            AtomicReference<Recoveries.Recovery> recovery = new AtomicReference<>();
            Injector.Done done =
                    injector.inject(injection, (since, sentAfter) -> recovery.set(recoveries.await(since, sentAfter)));
            injected.add(new Injected(injection, done, recovery.get()));
            if (injection.fault().endsScoring()) {
                judge.scoringEnded();
            }
            progress.accept("%s: %s, after %,d events of which %,d have ended"
                    .formatted(injection.fault().label(), done.target(), ledger.count(), judge.ended()));
        }

        private boolean isOver() {
            return System.nanoTime() - began > plan.atMost().toNanos();
        }

        /** Which are killed whether or not what was killed before has come back. */
        private boolean onlyTaskManagers() {
            return plan.faults().equals(Set.of(Fault.TASKMANAGER));
        }

        private Injected last() {
            return injected.get(injected.size() - 1);
        }

        private boolean await(Recoveries.Recovery recovery, Duration patience, OutcomeReader reader, Sender sender)
                throws InterruptedException {
            long deadline = System.nanoTime() + patience.toNanos();
            while (recovery.time().isEmpty()) {
                requireSound(reader, sender);
                if (System.nanoTime() > deadline) {
                    return false;
                }
                Thread.sleep(LOOK_MILLIS);
            }
            return true;
        }

        private void awaitEvents(OutcomeReader reader, Sender sender) throws InterruptedException {
            while (!isOver() && ledger.count() < plan.events()) {
                requireSound(reader, sender);
                Thread.sleep(LOOK_MILLIS);
            }
        }

        /** Until each has its outcome, or none has come for long. */
        private void awaitComplete(OutcomeReader reader) throws InterruptedException {
            long ended = -1;
            long progressed = System.nanoTime();
            while (!judge.isComplete() && System.nanoTime() - progressed < RECOVERY_PATIENCE.toNanos()) {
                reader.requireSound();
                long now = judge.ended();
                if (now != ended) {
                    ended = now;
                    progressed = System.nanoTime();
                }
                Thread.sleep(LOOK_MILLIS);
            }
            if (!injected.isEmpty()) {
                last().silence(recoveries);
            }
        }

        private void requireSound(OutcomeReader reader, Sender sender) {
            reader.requireSound();
            sender.requireSound();
        }
    }

    /** A fault that happened, and what is seen of it until the next. */
    private static final class Injected {
        private final Injection injection;
        private final Injector.Done done;
        private final Recoveries.Recovery recovery;
        private @Nullable Duration silence;

        Injected(Injection injection, Injector.Done done, Recoveries.Recovery recovery) {
            this.injection = injection;
            this.done = done;
            this.recovery = recovery;
        }

        Recoveries.Recovery recovery() {
            return recovery;
        }

        void silence(Recoveries recoveries) {
            silence = recoveries.longestSilence();
        }

        InjectionReport report() {
            return new InjectionReport(
                    injection.fault().label() + (done.idle() ? " that was idle" : ""),
                    injection.fault().isKill(),
                    done.target(),
                    done.began(),
                    injection.lasting(),
                    recovery.time(),
                    silence == null ? Duration.ZERO : silence);
        }
    }
}
