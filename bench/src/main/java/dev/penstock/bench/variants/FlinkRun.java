package dev.penstock.bench.variants;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A job on a Flink of its own in this JVM. */
final class FlinkRun implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final JobClient client;

    private FlinkRun(JobClient client) {
        this.client = client;
    }

    interface Definition {
        void define(StreamExecutionEnvironment environment);
    }

    static FlinkRun start(String name, int slots, Configuration settings, Definition definition) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(slots, settings);
        definition.define(environment);
        return new FlinkRun(environment.executeAsync(name));
    }

    @Override
    public void close() throws InterruptedException {
        try {
            client.cancel().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            client.getJobExecutionResult().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            // A cancelled job has no result, and its little cluster goes with it.
        } catch (TimeoutException e) {
            throw new IllegalStateException("Cannot stop the job within " + PATIENCE, e);
        }
    }
}
