package dev.penstock.deploy;

import dev.penstock.flink.Job;
import dev.penstock.inference.Inference;
import dev.penstock.retrain.Retrain;
import dev.penstock.rollout.Rollout;
import dev.penstock.schemas.configuration.InvalidConfigurationException;
import dev.penstock.schemas.pipelines.Pipelines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.CheckpointingOptions;

/**
 * The jobs that a directory configures.
 *
 * @param jobs one or more, each with a directory for its checkpoints that no other has
 */
record Application(List<Job> jobs) {
    static final String PIPELINES = "pipelines.yaml";

    /** Every job there is. The one that answers comes first, since others need what it writes. */
    private static final List<Known> KNOWN = List.of(
            new Known("inference.yaml", Inference::job),
            new Known("rollout.yaml", Rollout::job),
            new Known("retrain.yaml", Retrain::job));

    private record Known(String file, Description description) {}

    private interface Description {
        Job read(Path configuration, Path pipelines, Map<String, String> environmentVariables);
    }

    Application {
        jobs = List.copyOf(jobs);
        if (jobs.isEmpty()) {
            throw new IllegalArgumentException("Cannot start an application without jobs; configure one of " + files());
        }
        Map<String, String> owners = new HashMap<>();
        for (Job job : jobs) {
            String directory = withoutEnd(job.settings().get(CheckpointingOptions.CHECKPOINTS_DIRECTORY));
            String other = owners.putIfAbsent(directory, job.name());
            if (other != null) {
                throw new IllegalArgumentException(
                        "Cannot keep checkpoints of both %s and %s in %s: each would go on from the other's; give each a directory of its own"
                                .formatted(other, job.name(), directory));
            }
        }
    }

    /**
     * @param directory with {@code pipelines.yaml} and the files of the jobs that are to run
     * @throws IllegalArgumentException if it configures no job, or files are wrong: with every mistake of each
     */
    static Application in(Path directory, Map<String, String> environmentVariables) {
        List<Known> configured = KNOWN.stream()
                .filter(job -> Files.exists(directory.resolve(job.file())))
                .toList();
        if (configured.isEmpty()) {
            throw new IllegalArgumentException(
                    "Cannot start a job: %s has none of %s; put the files of those that are to run there"
                            .formatted(directory.toAbsolutePath(), files()));
        }
        List<Job> jobs = new ArrayList<>();
        // Of every file: whoever mends one should not have to start again to hear of the next.
        Set<String> mistakes = new LinkedHashSet<>();
        for (Known job : configured) {
            try {
                jobs.add(job.description()
                        .read(directory.resolve(job.file()), directory.resolve(PIPELINES), environmentVariables));
            } catch (InvalidConfigurationException e) {
                mistakes.add(e.getMessage());
            }
        }
        try {
            // A job with a mistake of its own did not come so far.
            Pipelines.read(directory.resolve(PIPELINES), environmentVariables);
        } catch (InvalidConfigurationException e) {
            mistakes.add(e.getMessage());
        }
        if (!mistakes.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", mistakes));
        }
        return new Application(jobs);
    }

    static List<String> files() {
        return KNOWN.stream().map(Known::file).toList();
    }

    /** Submits every job; none is waited for. */
    void start() throws Exception {
        Optional<String> named = Job.namedState();
        if (jobs.size() > 1 && named.isPresent()) {
            throw new IllegalArgumentException(
                    "Cannot let %d jobs go on from one state, %s; start the one that it is of alone, by its own Main"
                            .formatted(jobs.size(), named.get()));
        }
        for (Job job : jobs) {
            job.start();
        }
    }

    private static String withoutEnd(String directory) {
        return directory.endsWith("/") ? directory.substring(0, directory.length() - 1) : directory;
    }
}
