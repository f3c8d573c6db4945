package dev.penstock.retrain;

import dev.penstock.flink.configuration.Checkpoints;
import dev.penstock.flink.configuration.JobConfig;
import dev.penstock.flink.configuration.Metrics;
import dev.penstock.flink.configuration.Registry;
import dev.penstock.flink.configuration.Silence;
import dev.penstock.flink.configuration.StateBackend;
import dev.penstock.retrain.labels.LabelSettings;
import dev.penstock.retrain.runs.LearningPlan;
import dev.penstock.retrain.triggers.TriggerSettings;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Everything the retrain job reads from outside the process, beside the pipelines: the whole of {@code retrain.yaml}.
 *
 * @param brokers {@code host:port}, several with commas between them
 * @param group consumer group whose committed offsets show the lag; checkpoints decide where reading goes on
 * @param checkpoints durable directory and interval
 * @param state where requests that wait for their label are kept while the job runs
 * @param models how versions are fetched, and with which key new ones are signed
 * @param labels how labels are joined with requests
 * @param silence what it means that nobody says anything of a model's requests, by its name; nothing for others
 * @param triggers when a model is trained
 * @param triggersOf what is different for some models, by name; it replaces {@code triggers} as a whole
 * @param learning how a model learns, and what a new version must show
 * @param learningOf what is different for some models, by name; it replaces {@code learning} as a whole
 * @param training how politely
 * @param metrics where Prometheus may ask; empty to answer nowhere
 * @param kafka further settings of Kafka's clients, such as {@code security.protocol}
 */
public record RetrainConfig(
        String brokers,
        Registry registry,
        @Default("penstock-retrain") String group,
        Checkpoints checkpoints,
        @Default("rocksdb") StateBackend state,
        Models models,
        @Default LabelSettings labels,
        Map<String, Silence> silence,
        @Default TriggerSettings triggers,
        Map<String, TriggerSettings> triggersOf,
        @Default LearningPlan learning,
        Map<String, LearningPlan> learningOf,
        @Default Training training,
        Optional<Metrics> metrics,
        Map<String, String> kafka)
        implements JobConfig {

    public RetrainConfig {
        silence = Map.copyOf(silence);
        triggersOf = Map.copyOf(triggersOf);
        learningOf = Map.copyOf(learningOf);
        kafka = Map.copyOf(kafka);
        Checks checks = new Checks()
                .require(!brokers.isBlank(), "brokers", "there is none; write host:port")
                .require(!group.isBlank(), "group", "it is empty; name one, or leave it out");
        Duration retention = labels.retention();
        silence.forEach((model, rule) -> checks.require(
                rule.after().compareTo(retention) < 0,
                "silence." + model + ".after",
                "%s is not shorter than the retention of %s, after which a request is forgotten; raise labels.retention, or wait less long"
                        .formatted(rule.after(), retention)));
        checks.refuse("retrain's configuration");
    }

    /**
     * @param cache directory for unpacked bundles on each machine; emptying it is safe
     * @param trust whose bundles are trained further: nobody's is by default, since a model runs with the rights of the job
     * @param signingKey {@code NAME.key}, on each machine, with {@code NAME.pub} beside it; the jobs that are to load new
     *     versions need that half in their trust store
     * @param largestBundle that is unpacked here
     * @param largestInChunks bytes of the largest bundle that travels through Kafka
     * @param shared directory for larger ones, which every job can read; empty to refuse them
     * @param patience how long the next piece of a bundle, or of the examples, is waited for
     * @param keptUnused how long a bundle stays in the cache that no job on the machine loads
     */
    public record Models(
            Path cache,
            Trust trust,
            Path signingKey,
            @Default("2GiB") ByteSize largestBundle,
            @Default("256MiB") ByteSize largestInChunks,
            Optional<Path> shared,
            @Default("PT30S") Duration patience,
            @Default("P7D") Duration keptUnused) {}

    /** Whose bundles are trained further. */
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

    /**
     * How much of the machine a training may take, and what all of them have in common.
     *
     * @param threads that TensorFlow computes with; with one the same examples and seed give the same bundle
     * @param dutyCycle share of the time in which it computes; it sleeps for the rest, so that those who serve beside it
     *     have the processor
     * @param mostExamples that one training has in memory, the newest and a sample of the others
     * @param examplesMemory bytes of examples that one training has in memory, as they are in their topic
     * @param starts how often one training is begun at most, if the process ends in it each time
     * @param seed of what is sampled and learned
     */
    public record Training(
            @Default("1") int threads,
            @Default("0.25") double dutyCycle,
            @Default("20000") int mostExamples,
            @Default("256MiB") ByteSize examplesMemory,
            @Default("3") int starts,
            @Default("0") long seed) {
        public Training {
            new Checks()
                    .require(threads >= 1, "threads", "%d is too few; use 1 or more".formatted(threads))
                    .require(
                            dutyCycle > 0 && dutyCycle <= 1,
                            "duty-cycle",
                            "%s is not above 0 and at most 1; 0.25 suits most".formatted(dutyCycle))
                    .require(mostExamples >= 1, "most-examples", "%d is too few; use 1 or more".formatted(mostExamples))
                    .require(starts >= 1, "starts", "%d is too few; use 1 or more".formatted(starts))
                    .refuse("training");
        }

        public static Training usual() {
            return new Training(1, 0.25, 20_000, ByteSize.ofMebibytes(256), 3, 0);
        }
    }

    /** @throws IllegalArgumentException if something is said of a model that no pipeline asks */
    void requireKnown(Pipelines known) {
        Set<String> names = known.all().stream().map(Pipeline::model).collect(Collectors.toCollection(TreeSet::new));
        Checks checks = new Checks();
        requireKnown(silence.keySet(), names, "silence", checks);
        requireKnown(triggersOf.keySet(), names, "triggers-of", checks);
        requireKnown(learningOf.keySet(), names, "learning-of", checks);
        checks.refuse("retrain's configuration");
    }

    private static void requireKnown(Set<String> named, Set<String> known, String key, Checks checks) {
        Set<String> strange = new TreeSet<>(named);
        strange.removeAll(known);
        checks.require(
                strange.isEmpty(), key, "there are no models %s; the pipelines ask %s".formatted(strange, known));
    }
}
