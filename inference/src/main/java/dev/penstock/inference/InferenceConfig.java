package dev.penstock.inference;

import dev.penstock.flink.configuration.Checkpoints;
import dev.penstock.flink.configuration.JobConfig;
import dev.penstock.flink.configuration.Metrics;
import dev.penstock.flink.configuration.Registry;
import dev.penstock.flink.configuration.StateBackend;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.versions.ServedModels;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Everything the inference job reads from outside the process, beside the pipelines: the whole of {@code
 * inference.yaml}.
 *
 * @param brokers {@code host:port}, several with commas between them
 * @param group consumer group whose committed offsets show the lag; checkpoints decide where reading goes on
 * @param delivery of predictions and dead letters, where a pipeline does not say
 * @param checkpoints durable directory and interval
 * @param models how versions are fetched
 * @param waiting how many requests a task holds while their model has no version
 * @param batching how requests are gathered, where a pipeline does not say
 * @param state where what is remembered of keys is kept while the job runs
 * @param pipelines what is different for some, by name
 * @param metrics where Prometheus may ask; empty to answer nowhere
 * @param kafka further settings of Kafka's clients, such as {@code security.protocol}
 */
public record InferenceConfig(
        String brokers,
        Registry registry,
        @Default("penstock-inference") String group,
        @Default("at-least-once") Delivery delivery,
        Checkpoints checkpoints,
        Models models,
        @Default Waiting waiting,
        @Default BatchLimits batching,
        @Default("rocksdb") StateBackend state,
        Map<String, PipelineSettings> pipelines,
        Optional<Metrics> metrics,
        Map<String, String> kafka)
        implements JobConfig {

    public InferenceConfig {
        pipelines = Map.copyOf(pipelines);
        kafka = Map.copyOf(kafka);
        new Checks()
                .require(!brokers.isBlank(), "brokers", "there is none; write host:port")
                .require(!group.isBlank(), "group", "it is empty; name one, or leave it out")
                .refuse("inference's configuration");
    }

    /** What a failure may do to results that were written since the last checkpoint. */
    public enum Delivery {
        /** Some may be written twice, with the same prediction id; each is visible at once. */
        AT_LEAST_ONCE,
        /** None is; a {@code read_committed} reader sees each at the next checkpoint. */
        EXACTLY_ONCE
    }

    /**
     * @param batching replaces the job's as a whole: what it does not name has its default
     * @param delivery replaces the job's
     * @param exploration which decisions are left out now and then, since they block the label that would tell whether
     *     they were right; none by default
     */
    public record PipelineSettings(
            Optional<BatchLimits> batching, Optional<Delivery> delivery, Optional<Exploration> exploration) {}

    /**
     * @param cache directory for unpacked bundles on each machine; emptying it is safe
     * @param largestBundle that is unpacked here
     * @param residentVersions of a model that each task keeps loaded: the one that serves, the one on trial, and those
     *     before, so that going back loads nothing. While a rollout names them, the first three stay in any case
     * @param nativeMemory that all versions which a task has loaded may take together; any if it is not given. Room for
     *     what serves and its successor is needed, since both are loaded when one takes over
     * @param patience how long the next piece of a bundle is waited for
     * @param keptUnused how long a bundle stays in the cache that no job on the machine loads
     * @param trust whose bundles are loaded: nobody's is by default, since a model runs with the rights of the job
     */
    public record Models(
            Path cache,
            Trust trust,
            @Default("2GiB") ByteSize largestBundle,
            @Default("3") int residentVersions,
            Optional<ByteSize> nativeMemory,
            @Default("PT30S") Duration patience,
            @Default("P7D") Duration keptUnused) {
        public Models {
            new Checks()
                    .require(
                            residentVersions >= 1,
                            "resident-versions",
                            "%d is too few; use 1 or more".formatted(residentVersions))
                    .refuse("models");
        }
    }

    /** Whose bundles are loaded. */
    public sealed interface Trust {
        /**
         * Those that somebody known has signed.
         *
         * @param directory of public keys, on each machine; see {@link dev.penstock.models.trust.TrustStore}
         */
        record Keys(Path directory) implements Trust {}

        /** All, whoever wrote them into the topic: for tests, or where only few can write it. */
        record Anybody() implements Trust {}
    }

    /** What each task may have loaded. */
    ServedModels.Limits loaded() {
        return new ServedModels.Limits(
                models.residentVersions(),
                models.nativeMemory().map(ByteSize::bytes).orElse(Long.MAX_VALUE));
    }

    /** Beyond either limit a task stops reading until a version serves. */
    public record Waiting(
            @Default("10000") int records, @Default("64MiB") ByteSize bytes) {
        public Waiting {
            new Checks()
                    .require(records >= 1, "records", "%d is too few; use 1 or more".formatted(records))
                    .refuse("waiting");
        }
    }

    PipelineBinding bind(Pipeline pipeline) {
        PipelineSettings own = pipelines.getOrDefault(
                pipeline.name(), new PipelineSettings(Optional.empty(), Optional.empty(), Optional.empty()));
        return new PipelineBinding(
                pipeline.name(),
                pipeline.modality(),
                pipeline.model(),
                own.batching().orElse(batching),
                own.delivery().orElse(delivery),
                pipeline.clockSkew(),
                List.copyOf(pipeline.rolling().values()),
                own.exploration().orElse(Exploration.none()));
    }

    /** @throws IllegalArgumentException if something is said of a pipeline that there is not */
    void requireKnown(Pipelines known) {
        Set<String> names = known.all().stream().map(Pipeline::name).collect(Collectors.toCollection(TreeSet::new));
        Set<String> strange = new TreeSet<>(pipelines.keySet());
        strange.removeAll(names);
        new Checks()
                .require(
                        strange.isEmpty(),
                        "pipelines",
                        "there are no pipelines %s; the pipelines are %s".formatted(strange, names))
                .refuse("inference's configuration");
    }
}
