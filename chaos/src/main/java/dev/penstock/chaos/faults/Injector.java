package dev.penstock.chaos.faults;

import dev.penstock.chaos.network.TcpProxy;
import dev.penstock.chaos.platform.Brokers;
import dev.penstock.chaos.platform.Platform;
import dev.penstock.chaos.processes.SupervisedProcess;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Does it to a platform. For one thread at a time. */
public final class Injector {
    private static final Duration DELAY = Duration.ofMillis(200);
    private static final int SLOWER_BY = 10;
    private static final Duration MEASURED = Duration.ofSeconds(10);
    private static final int LARGEST_STEP_SECONDS = 240;
    private static final int SMALLEST_STEP_SECONDS = 60;

    /** How long a JobManager may take to have its tasks running again. */
    private static final Duration RESTART_PATIENCE = Duration.ofMinutes(2);

    private static final long LOOK_MILLIS = 100;

    private final Platform platform;
    private final Victims victims;
    private final Clock clock;

    public Injector(Platform platform, Victims victims, Clock clock) {
        this.platform = platform;
        this.victims = victims;
        this.clock = clock;
    }

    /** Which TaskManagers are killed. */
    public enum Victims {
        /** Whichever comes: also one that has only just been started, and has no tasks yet. */
        ANY,
        /** Those that run tasks: another's end is noticed by nobody. */
        BUSY
    }

    /**
     * What was done.
     *
     * @param target to whom
     * @param idle whether that was a process that did nothing
     * @param began when
     */
    public record Done(String target, boolean idle, Instant began) {
        Done(String target, Instant began) {
            this(target, false, began);
        }
    }

    /** Told from when recovery counts. */
    @FunctionalInterface
    public interface Counting {
        /**
         * @param since the beginning where others can take over, else the end
         * @param sentAfter from when on events prove that everything is answered
         */
        void from(Instant since, Instant sentAfter);

        default void from(Instant since) {
            from(since, since);
        }
    }

    /**
     * Returns when it was done and, of what lasts, when it is over.
     *
     * @param counting told once, as soon as it is known
     */
    public Done inject(Injection injection, Counting counting) throws IOException, InterruptedException {
        Random random = new Random(injection.draw());
        return switch (injection.fault()) {
            case TASKMANAGER -> killTaskManager(random, counting);
            case JOBMANAGER -> killJobManager(counting);
            case INGEST -> kill(oneOf(platform.ingests(), random), counting);
            case INGEST_FROZEN -> freeze(oneOf(platform.ingests(), random), injection.lasting(), counting);
            case BROKER ->
                killBroker(
                        platform.brokers()
                                .process(random.nextInt(platform.brokers().count())),
                        counting);
            case LEADER -> killBroker(platform.brokers().leader(), counting);
            case CONTROLLER -> killBroker(platform.brokers().activeController(), counting);
            case REGISTRY -> withoutRegistry(injection.lasting(), random, counting);
            case REGISTRY_AT_START -> lateRegistry(injection.lasting(), counting);
            case NETWORK_CUT -> cut(injection.lasting(), random, counting);
            case NETWORK_DELAY -> delay(injection.lasting(), counting);
            case SLOW_SINK -> slow(injection.lasting(), counting);
            case DISK -> fill(injection.lasting(), counting);
            case JOB_DOWN -> down(injection.lasting(), counting);
            case CLOCK -> step(injection.lasting(), random, counting);
            case UPGRADE -> upgrade(counting);
        };
    }

    private Done killTaskManager(Random random, Counting counting) throws InterruptedException {
        List<SupervisedProcess> all = platform.flink().taskManagers();
        List<SupervisedProcess> busy = busy(all);
        SupervisedProcess process = oneOf(victims == Victims.ANY || busy.isEmpty() ? all : busy, random);
        Done done = kill(process, counting);
        return new Done(done.target(), !busy.isEmpty() && !busy.contains(process), done.began());
    }

    /** None where Flink does not say. */
    private List<SupervisedProcess> busy(List<SupervisedProcess> taskManagers) throws InterruptedException {
        try {
            Set<String> names = platform.flink().rest().busyTaskManagers();
            return taskManagers.stream()
                    .filter(process -> names.contains(process.name()))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Tasks go on for some seconds without it, and all end then: what they have answered until then proves nothing. */
    private Done killJobManager(Counting counting) throws InterruptedException {
        SupervisedProcess process = platform.flink().jobManager();
        int starts = process.starts();
        Instant now = clock.instant();
        process.kill();
        // What is killed may answer for a moment.
        await(() -> process.starts() > starts && platform.flink().rest().isEveryTaskRunning());
        counting.from(now, clock.instant());
        return new Done(process.name(), now);
    }

    private interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    /** While it cannot be told it does not hold. If it never does, events will tell. */
    private static void await(Condition condition) throws InterruptedException {
        long deadline = System.nanoTime() + RESTART_PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (IOException e) {
                // Whoever is asked is not up yet.
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private Done kill(SupervisedProcess process, Counting counting) {
        Instant now = clock.instant();
        process.kill();
        counting.from(now);
        return new Done(process.name(), now);
    }

    /** Not before all copies are in sync: more than one at a time is another promise. */
    private Done killBroker(SupervisedProcess process, Counting counting) throws InterruptedException {
        platform.brokers().awaitAll();
        return kill(process, counting);
    }

    /** Counts from its beginning: the other is there to take over. */
    private Done freeze(SupervisedProcess process, Duration lasting, Counting counting) throws InterruptedException {
        Instant now = clock.instant();
        process.freeze();
        counting.from(now);
        try {
            Thread.sleep(lasting.toMillis());
        } finally {
            process.thaw();
        }
        return new Done(process.name(), now);
    }

    private Done withoutRegistry(Duration lasting, Random random, Counting counting) throws InterruptedException {
        Instant began = clock.instant();
        platform.registry().killForGood();
        SupervisedProcess taskManager = oneOf(platform.flink().taskManagers(), random);
        SupervisedProcess ingest = oneOf(platform.ingests(), random);
        taskManager.kill();
        ingest.kill();
        Thread.sleep(lasting.toMillis());
        platform.registry().start();
        counting.from(clock.instant());
        return new Done("registry, " + taskManager.name() + ", " + ingest.name(), began);
    }

    private Done lateRegistry(Duration lasting, Counting counting) throws InterruptedException {
        Instant began = clock.instant();
        platform.registry().killForGood();
        platform.startIngest();
        platform.startJobs();
        Thread.sleep(lasting.toMillis());
        platform.registry().start();
        counting.from(clock.instant());
        return new Done("registry", began);
    }

    private Done cut(Duration lasting, Random random, Counting counting) throws InterruptedException {
        Brokers.Door door = random.nextBoolean() ? Brokers.Door.JOBS : Brokers.Door.INGEST;
        Instant began = clock.instant();
        platform.brokers().proxies(door).forEach(TcpProxy::cut);
        return heal(
                door == Brokers.Door.JOBS ? "jobs" : "ingest",
                began,
                lasting,
                platform.brokers().proxies(door),
                counting);
    }

    private Done delay(Duration lasting, Counting counting) throws InterruptedException {
        List<TcpProxy> all = new ArrayList<>(platform.brokers().proxies(Brokers.Door.JOBS));
        all.addAll(platform.brokers().proxies(Brokers.Door.INGEST));
        Instant began = clock.instant();
        all.forEach(proxy -> proxy.delay(DELAY));
        return heal("jobs, ingest", began, lasting, all, counting);
    }

    private Done slow(Duration lasting, Counting counting) throws InterruptedException {
        List<TcpProxy> proxies = platform.brokers().proxies(Brokers.Door.JOBS);
        List<Long> before = proxies.stream().map(TcpProxy::bytesToTarget).toList();
        Thread.sleep(MEASURED.toMillis());
        Instant began = clock.instant();
        long all = 0;
        for (int index = 0; index < proxies.size(); index++) {
            TcpProxy proxy = proxies.get(index);
            long usual = (proxy.bytesToTarget() - before.get(index)) / MEASURED.toSeconds();
            long left = Math.max(1, usual / SLOWER_BY);
            proxy.throttle(left);
            all += left;
        }
        return heal("jobs at %,d bytes/s".formatted(all), began, lasting, proxies, counting);
    }

    private Done heal(String target, Instant began, Duration lasting, List<TcpProxy> proxies, Counting counting)
            throws InterruptedException {
        try {
            Thread.sleep(lasting.toMillis());
        } finally {
            proxies.forEach(TcpProxy::heal);
        }
        counting.from(clock.instant());
        return new Done(target, began);
    }

    private Done fill(Duration lasting, Counting counting) throws IOException, InterruptedException {
        Instant began = clock.instant();
        platform.checkpoints().fill();
        try {
            Thread.sleep(lasting.toMillis());
        } finally {
            platform.checkpoints().free();
        }
        counting.from(clock.instant());
        return new Done("checkpoints", began);
    }

    private Done down(Duration lasting, Counting counting) throws InterruptedException {
        List<SupervisedProcess> all = new ArrayList<>(platform.flink().taskManagers());
        all.add(platform.flink().jobManager());
        Instant began = clock.instant();
        for (SupervisedProcess process : all) {
            process.killForGood();
        }
        Thread.sleep(lasting.toMillis());
        all.forEach(SupervisedProcess::start);
        counting.from(clock.instant());
        return new Done("jobs", began);
    }

    /** Less than five minutes, from where on an event from the future would be refused. Counts from the first step. */
    private Done step(Duration lasting, Random random, Counting counting) throws IOException, InterruptedException {
        List<SupervisedProcess> all = new ArrayList<>(platform.flink().taskManagers());
        all.addAll(platform.ingests());
        String process = oneOf(all, random).name();
        int size = SMALLEST_STEP_SECONDS + random.nextInt(LARGEST_STEP_SECONDS - SMALLEST_STEP_SECONDS);
        Duration step = Duration.ofSeconds(random.nextBoolean() ? size : -size);
        Instant began = clock.instant();
        platform.clocks().set(process, step);
        counting.from(began);
        try {
            Thread.sleep(lasting.toMillis());
        } finally {
            platform.clocks().set(process, Duration.ZERO);
        }
        return new Done("%s by %+d s".formatted(process, step.toSeconds()), began);
    }

    private Done upgrade(Counting counting) throws IOException, InterruptedException {
        Instant began = clock.instant();
        platform.flink().upgrade();
        counting.from(clock.instant());
        return new Done("jobs", began);
    }

    private static SupervisedProcess oneOf(List<SupervisedProcess> processes, Random random) {
        return processes.get(random.nextInt(processes.size()));
    }
}
