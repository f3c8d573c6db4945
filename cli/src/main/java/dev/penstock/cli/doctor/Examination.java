package dev.penstock.cli.doctor;

import dev.penstock.cli.output.CommandException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at many things at once, and waits for none of them longer than it was told. */
final class Examination {
    private static final Logger LOG = LoggerFactory.getLogger(Examination.class);

    /** Finds out about one thing; what it throws is a problem by itself. */
    interface Check {
        List<Finding> look() throws Exception;
    }

    private final Map<String, Check> checks = new LinkedHashMap<>();

    /** @param about what is looked at, in a word or two; unique */
    Examination look(String about, Check check) {
        checks.put(about, check);
        return this;
    }

    /**
     * @param patience for all together
     * @return what was found about each, in the order in which they were added
     */
    Map<String, List<Finding>> findings(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "doctor");
            // A check that hangs must not keep the process.
            thread.setDaemon(true);
            return thread;
        });
        Map<String, Future<List<Finding>>> looking = new LinkedHashMap<>();
        checks.forEach((about, check) -> looking.put(about, threads.submit(check::look)));
        Map<String, List<Finding>> findings = new LinkedHashMap<>();
        for (Map.Entry<String, Future<List<Finding>>> each : looking.entrySet()) {
            findings.put(each.getKey(), await(each.getKey(), each.getValue(), deadline, patience));
        }
        threads.shutdownNow();
        return findings;
    }

    private static List<Finding> await(String about, Future<List<Finding>> looking, long deadline, Duration patience)
            throws InterruptedException {
        try {
            return new ArrayList<>(looking.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return List.of(Finding.warning(
                    "nothing is known after %s".formatted(Amounts.time(patience)),
                    "See to the problems above and below first, then ask again."));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CommandException expected) {
                return List.of(Finding.problem(String.valueOf(expected.getMessage()), expected.remedy()));
            }
            LOG.error("The doctor could not look at {}", about, e.getCause());
            String message = e.getCause().getMessage();
            return List.of(Finding.problem(
                    (message == null ? e.getCause().toString() : message)
                            .lines()
                            .findFirst()
                            .orElse(""),
                    "More is in the log: %s".formatted(System.getProperty("penstock.log", "penstock.log"))));
        }
    }
}
