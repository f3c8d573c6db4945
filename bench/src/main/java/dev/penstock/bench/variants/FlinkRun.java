package dev.penstock.bench.variants;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job on this process's own Flink cluster. The cluster stays, as one does in life: each new one loads its remote calls
 * with a class loader of its own, and compiling them again would take a third of the processor time of the next job.
 */
final class FlinkRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlinkRun.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration ENDING = Duration.ofSeconds(10);

    private static @Nullable MiniCluster kept;

    private final MiniCluster cluster;
    private final JobID job;

    private FlinkRun(MiniCluster cluster, JobID job) {
        this.cluster = cluster;
        this.job = job;
    }

    interface Definition {
        void define(StreamExecutionEnvironment environment);
    }

    /** @param settings the cluster's too, where there is none yet */
    static FlinkRun start(String name, int slots, Configuration settings, Definition definition) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(settings);
        environment.setParallelism(slots);
        definition.define(environment);
        StreamGraph graph = environment.getStreamGraph();
        graph.setJobName(name);
        MiniCluster cluster = cluster(slots, settings);
        JobID job = cluster.submitJob(graph.getJobGraph()).get().getJobID();
        return new FlinkRun(cluster, job);
    }

    private static synchronized MiniCluster cluster(int slots, Configuration settings) throws Exception {
        MiniCluster running = kept;
        if (running == null) {
            MiniCluster started = new MiniCluster(new MiniClusterConfiguration.Builder()
                    .setConfiguration(settings)
                    .setNumTaskManagers(1)
                    .setNumSlotsPerTaskManager(slots)
                    .setRpcServiceSharing(RpcServiceSharing.SHARED)
                    .withRandomPorts()
                    .build());
            // Its directories go with the process.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(started), "cluster-end"));
            started.start();
            running = started;
            kept = started;
        }
        return running;
    }

    private static void end(MiniCluster cluster) {
        try {
            cluster.closeAsync().get(ENDING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Leaving directories of a Flink cluster behind", e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        try {
            cluster.cancelJob(job).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            cluster.requestJobResult(job).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot stop the job: " + e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("Cannot stop the job within " + PATIENCE, e);
        }
    }
}
