package dev.penstock.flink;

import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job, ready to be run by whatever cluster starts this program. It goes on from the newest state in its own directory,
 * so that a cluster which remembers nothing can be started again, unless the run names another with Flink's own {@code
 * execution.state-recovery.path}.
 *
 * @param name as the cluster shows it
 * @param settings what it needs of Flink, its directory of checkpoints among it
 * @param definition defines it in the environment that it is given
 */
public record Job(String name, Configuration settings, Consumer<StreamExecutionEnvironment> definition) {
    private static final Logger LOG = LoggerFactory.getLogger(Job.class);

    /** Runs until the job ends, where the cluster lets a program wait for that. */
    public void run() throws Exception {
        environment().execute(name);
    }

    /** Runs beside what this program does next. */
    public JobClient start() throws Exception {
        return environment().executeAsync(name);
    }

    /** The path that this run was told to go on from. */
    public static Optional<String> namedState() {
        ReadableConfig ofRun = StreamExecutionEnvironment.getExecutionEnvironment(new Configuration())
                .getConfiguration();
        return ofRun.getOptional(StateRecoveryOptions.SAVEPOINT_PATH);
    }

    StreamExecutionEnvironment environment() {
        Configuration all = new Configuration(settings);
        Optional<String> named = namedState();
        if (named.isPresent()) {
            LOG.info("Job {} goes on from {}, as it was told to", name, named.get());
        } else {
            String directory = settings.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY);
            Optional<NewestState> newest = NewestState.in(new Path(directory));
            newest.ifPresentOrElse(
                    state -> LOG.info("Job {} goes on from {}, of {}", name, state.path(), state.completedAt()),
                    () -> LOG.info("Job {} begins anew: there is no state in {}", name, directory));
            newest.ifPresent(state -> state.recoverBy(all));
        }
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(all);
        definition.accept(environment);
        return environment;
    }
}
