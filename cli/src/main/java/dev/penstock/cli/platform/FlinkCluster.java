package dev.penstock.cli.platform;

import dev.penstock.flink.NewestState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.MiniClusterJobClient;
import org.apache.flink.runtime.minicluster.MiniClusterJobClient.JobFinalizationBehavior;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Flink cluster in this JVM, with its web interface, that runs all of the platform's jobs, each in one slot. Whoever
 * starts it closes it, after its jobs.
 */
final class FlinkCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlinkCluster.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String METRICS = "metrics.";

    private final MiniCluster cluster;

    private FlinkCluster(MiniCluster cluster) {
        this.cluster = cluster;
    }

    /**
     * One job, and how it is to run.
     *
     * @param directory for its checkpoints and savepoints, of no other job
     * @param settings of the job itself; what they say of the cluster is not looked at
     * @param definition defines the job in the environment that it is given
     */
    record Plan(String name, Path directory, Configuration settings, Consumer<StreamExecutionEnvironment> definition) {}

    /**
     * @param webPort of the web interface, on loopback
     * @param slots as many as jobs will run
     * @param metrics settings, of which those that report metrics are used
     */
    static FlinkCluster start(int webPort, int slots, Configuration metrics) {
        Configuration settings = new Configuration();
        metrics.toMap().forEach((key, value) -> {
            if (key.startsWith(METRICS)) {
                settings.setString(key, value);
            }
        });
        settings.set(RestOptions.PORT, webPort);
        settings.set(RestOptions.BIND_PORT, Integer.toString(webPort));
        settings.set(RestOptions.BIND_ADDRESS, "localhost");
        settings.set(RestOptions.ADDRESS, "localhost");
        // Whoever reaches the port would run code in this process.
        settings.set(WebOptions.SUBMIT_ENABLE, false);
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(32));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(32));
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .build());
        try {
            cluster.start();
        } catch (Exception e) {
            throw new IllegalStateException("Cannot start Flink: " + e.getMessage(), e);
        }
        return new FlinkCluster(cluster);
    }

    /** Starts a job; it goes on from where the last run in the same directory stopped, or was killed. */
    FlinkJob run(Plan plan) {
        Configuration settings = new Configuration(plan.settings());
        NewestState.in(new org.apache.flink.core.fs.Path(plan.directory().toUri()))
                .ifPresent(state -> {
                    LOG.info("Job {} goes on from {}", plan.name(), state.path());
                    state.recoverBy(settings);
                });
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(settings);
        environment.setParallelism(1);
        plan.definition().accept(environment);
        try {
            return new FlinkJob(plan.name(), submit(environment, plan.name()), plan.directory());
        } catch (Exception e) {
            throw new IllegalStateException("Cannot start job %s: %s".formatted(plan.name(), e.getMessage()), e);
        }
    }

    /** As Flink's own local executor does it, which would start a cluster for each job. */
    private JobClient submit(StreamExecutionEnvironment environment, String name) throws Exception {
        StreamGraph graph = environment.getStreamGraph();
        graph.setJobName(name);
        graph.setJobId(JobID.generate());
        graph.serializeUserDefinedInstances();
        JobID id = cluster.submitJob(graph)
                .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .getJobID();
        return new MiniClusterJobClient(
                id, cluster, FlinkCluster.class.getClassLoader(), JobFinalizationBehavior.NOTHING);
    }

    @Override
    public void close() {
        try {
            cluster.closeAsync().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Flink did not stop cleanly: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
