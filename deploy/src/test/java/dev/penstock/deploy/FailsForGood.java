package dev.penstock.deploy;

import dev.penstock.flink.Job;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * A program for a Flink cluster: {@code FailsForGood DIRECTORY} runs two jobs as {@link Main} would, of which one goes on
 * and the other, when both run, meets what Flink takes for hopeless, whatever is said about restarts.
 */
public final class FailsForGood {
    static final String REASON = "nothing can help it";

    private FailsForGood() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        new Application(List.of(job("goes-on", directory, number -> {}), job("fails-for-good", directory, number -> {
                    if (number > 20) {
                        throw new SuppressRestartsException(new IllegalStateException(REASON));
                    }
                })))
                .start();
    }

    private interface Step extends Serializable {
        void take(long number);
    }

    private static Job job(String name, Path directory, Step step) {
        Configuration settings = new Configuration();
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                directory.resolve(name).toUri().toString());
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        return new Job(name, settings, environment -> environment
                .fromSource(new NumberSequenceSource(1, Long.MAX_VALUE), WatermarkStrategy.noWatermarks(), "numbers")
                .map(number -> {
                    LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
                    step.take(number);
                    return number;
                })
                .returns(Types.LONG)
                .sinkTo(new DiscardingSink<>()));
    }
}
