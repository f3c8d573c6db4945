package dev.penstock.chaos.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process of the platform. It is started again whenever it ends, as a container with the policy {@code always} is,
 * until it is stopped. Thread-safe; the caller closes it.
 */
public final class SupervisedProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisedProcess.class);
    /** As containers are: at once at first, later and later while it does not stay up. */
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration STAYED_UP = Duration.ofSeconds(10);
    private static final Duration TO_END = Duration.ofSeconds(30);

    private static final ScheduledExecutorService RESTARTS = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "restarts");
        thread.setDaemon(true);
        return thread;
    });

    private final String name;
    private final Path log;
    private Program program;
    private @Nullable Process process;
    private boolean wanted;
    private Duration pause = SHORTEST_PAUSE;
    private long startedAt;
    private int starts;

    /** @param log to which its output is appended */
    public SupervisedProcess(String name, Program program, Path log) {
        this.name = name;
        this.program = program;
        this.log = log;
    }

    public String name() {
        return name;
    }

    public Path log() {
        return log;
    }

    /** Has no effect while it runs. */
    public synchronized void start() {
        wanted = true;
        if (process == null || !process.isAlive()) {
            launch();
        }
    }

    /** Started from now on; what runs goes on. */
    public synchronized void replace(Program other) {
        program = other;
    }

    /** SIGKILL: it is gone without a word, and started again after a moment. */
    public synchronized void kill() {
        running().destroyForcibly();
    }

    /** SIGKILL, and down until it is started. */
    public void killForGood() throws InterruptedException {
        Process killed;
        synchronized (this) {
            wanted = false;
            killed = process;
        }
        if (killed != null) {
            killed.destroyForcibly().waitFor();
        }
    }

    /** SIGTERM, and down until it is started; SIGKILL if it takes more than half a minute. */
    public void stop() throws InterruptedException {
        Process stopped;
        synchronized (this) {
            wanted = false;
            stopped = process;
        }
        if (stopped == null) {
            return;
        }
        stopped.destroy();
        if (!stopped.waitFor(TO_END.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("{} did not end within {}: it is killed", name, TO_END);
            stopped.destroyForcibly().waitFor();
        }
    }

    /** SIGSTOP: it does nothing any more, and its connections stay. */
    public void freeze() throws InterruptedException {
        signal("STOP");
    }

    /** SIGCONT: it goes on, and does not know that time has passed. */
    public void thaw() throws InterruptedException {
        signal("CONT");
    }

    public synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** How often it was started. */
    public synchronized int starts() {
        return starts;
    }

    private synchronized Process running() {
        if (process == null) {
            throw new IllegalStateException("Cannot signal %s: it was never started".formatted(name));
        }
        return process;
    }

    private void signal(String signal) throws InterruptedException {
        try {
            int code = new ProcessBuilder(
                            "kill", "-" + signal, Long.toString(running().pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException(
                        "Cannot send %s to %s: kill ended with %d".formatted(signal, name, code));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot send %s to %s: there is no program 'kill'".formatted(signal, name), e);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // How it ends is what the future tells.
    private void launch() {
        try {
            Process launched = program.start(log);
            process = launched;
            startedAt = System.nanoTime();
            starts++;
            LOG.info("{} runs as process {}", name, launched.pid());
            launched.onExit().thenAccept(this::ended);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // What fails there is logged there.
    private synchronized void ended(Process ended) {
        if (!wanted || ended != process) {
            return;
        }
        boolean stayedUp = System.nanoTime() - startedAt > STAYED_UP.toNanos();
        pause = stayedUp ? SHORTEST_PAUSE : doubled(pause);
        LOG.info("{} ended with {} and is started again in {}", name, ended.exitValue(), pause);
        RESTARTS.schedule(this::startAgain, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void startAgain() {
        if (wanted && process != null && !process.isAlive()) {
            try {
                launch();
            } catch (UncheckedIOException e) {
                LOG.error("{} stays down", name, e);
            }
        }
    }

    private static Duration doubled(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }

    /** Kills it: what it leaves behind is nobody's any more. */
    @Override
    public void close() {
        Process closed;
        synchronized (this) {
            wanted = false;
            closed = process;
        }
        if (closed != null) {
            closed.destroyForcibly();
        }
    }
}
