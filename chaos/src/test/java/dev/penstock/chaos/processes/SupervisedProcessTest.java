package dev.penstock.chaos.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS) // Signals are the matter.
class SupervisedProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private SupervisedProcess process;

    @AfterEach
    void close() {
        if (process != null) {
            process.close();
        }
    }

    private SupervisedProcess shell(String script) {
        process =
                new SupervisedProcess("shell", new Program(List.of("sh", "-c", script), Map.of("WORD", "said")), log());
        return process;
    }

    private Path log() {
        return directory.resolve("shell.log");
    }

    private long lines() throws IOException {
        return Files.exists(log()) ? Files.readAllLines(log()).size() : 0;
    }

    @Test
    void isStartedAgainWhenItIsKilled() {
        SupervisedProcess killed = shell("exec sleep 600");
        killed.start();
        killed.kill();

        await().atMost(PATIENCE).until(() -> killed.starts() == 2 && killed.isAlive());
    }

    @Test
    void isStartedAgainWhenItEnds() {
        SupervisedProcess ending = shell("exit 0");
        ending.start();

        await().atMost(PATIENCE).until(() -> ending.starts() >= 3);
    }

    @Test
    void staysDownWhenItIsStopped() throws Exception {
        SupervisedProcess stopped = shell("exec sleep 600");
        stopped.start();
        stopped.stop();

        assertThat(stopped.isAlive()).isFalse();
        assertThat(stopped.starts()).isEqualTo(1);

        stopped.start();
        assertThat(stopped.isAlive()).isTrue();
        assertThat(stopped.starts()).isEqualTo(2);
    }

    @Test
    void doesNothingWhileItIsFrozen() throws Exception {
        SupervisedProcess frozen = shell("while true; do echo $WORD; sleep 0.05; done");
        frozen.start();
        await().atMost(PATIENCE).until(() -> lines() > 2);

        frozen.freeze();
        long before =
                await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(this::lines, new Unchanged()::isSame);
        frozen.thaw();

        await().atMost(PATIENCE).until(() -> lines() > before);
        assertThat(frozen.starts()).isEqualTo(1);
    }

    /** Whether a number is the one that it was the last time. */
    private static final class Unchanged {
        private long last = -1;

        boolean isSame(long number) {
            boolean same = last < 0 || number == last;
            last = number;
            return same;
        }
    }

    @Test
    void runsWhatItWasReplacedByFromTheNextStart() throws Exception {
        SupervisedProcess replaced = shell("exec sleep 600");
        replaced.start();
        replaced.replace(new Program(List.of("sh", "-c", "echo $WORD; exec sleep 600"), Map.of("WORD", "new")));
        assertThat(lines()).isZero();
        replaced.kill();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Files.readAllLines(log())).containsExactly("new"));
    }
}
