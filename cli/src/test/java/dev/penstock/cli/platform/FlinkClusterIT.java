package dev.penstock.cli.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.flink.NewestState;
import dev.penstock.local.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlinkClusterIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    /** What each run of a job counted first and last, by the run's name: tasks run in this JVM. */
    private static final Map<String, Long> FIRST = new ConcurrentHashMap<>();

    private static final Map<String, Long> LAST = new ConcurrentHashMap<>();

    @TempDir
    private Path directory;

    @Test
    void runsSeveralJobsWithCheckpointsOfTheirOwnAndShowsThemAll() {
        int port = FreePort.find();
        try (FlinkCluster cluster = FlinkCluster.start(port, 2, new Configuration());
                FlinkJob one = cluster.run(plan("one", "several-one"));
                FlinkJob other = cluster.run(plan("other", "several-other"))) {
            assertThat(List.of(one, other)).doesNotHaveDuplicates();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(jobs(port))
                    .extracting(job ->
                            job.path("name").asText() + " " + job.path("state").asText())
                    .containsExactlyInAnyOrder("one RUNNING", "other RUNNING"));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(List.of("one", "other"))
                    .allSatisfy(job -> assertThat(NewestState.in(new org.apache.flink.core.fs.Path(
                                    directory.resolve(job).toUri())))
                            .isPresent()));
        }
    }

    @Test
    void aJobGoesOnFromWhereItStopped() {
        try (FlinkCluster cluster = FlinkCluster.start(FreePort.find(), 1, new Configuration());
                FlinkJob job = cluster.run(plan("counting", "before"))) {
            assertThat(job).isNotNull();
            await().atMost(PATIENCE).until(() -> LAST.getOrDefault("before", 0L) > 100);
        }
        long stoppedAt = LAST.get("before");

        try (FlinkCluster cluster = FlinkCluster.start(FreePort.find(), 1, new Configuration());
                FlinkJob job = cluster.run(plan("counting", "after"))) {
            assertThat(job).isNotNull();
            await().atMost(PATIENCE).until(() -> FIRST.containsKey("after"));
        }

        assertThat(FIRST.get("before")).isZero();
        assertThat(FIRST.get("after")).isEqualTo(stoppedAt + 1);
    }

    private FlinkCluster.Plan plan(String name, String run) {
        Path ofJob = directory.resolve(name);
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                FlinkJob.checkpoints(ofJob).toUri().toString());
        settings.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        return new FlinkCluster.Plan(name, ofJob, settings, environment -> count(environment, run));
    }

    private static void count(StreamExecutionEnvironment environment, String run) {
        environment
                .fromSequence(0, Long.MAX_VALUE)
                .uid("numbers")
                .map(new Remember(run))
                .uid("remember")
                .sinkTo(new DiscardingSink<>())
                .uid("discard");
    }

    private static final class Remember implements MapFunction<Long, Long> {
        private final String run;

        Remember(String run) {
            this.run = run;
        }

        @Override
        public Long map(Long number) {
            FIRST.putIfAbsent(run, number);
            LAST.put(run, number);
            // Some hundred a second, so that nothing else starves.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            return number;
        }
    }

    private static JsonNode jobs(int port) {
        URI overview = URI.create("http://localhost:%d/jobs/overview".formatted(port));
        try (InputStream answer = overview.toURL().openStream()) {
            return new ObjectMapper().readTree(answer).path("jobs");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
