package dev.penstock.retrain.runs;

import dev.penstock.models.architectures.TrainingCancelledException;
import dev.penstock.models.architectures.TrainingObserver;
import dev.penstock.models.architectures.TrainingProgress;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.models.judging.Contradiction;
import dev.penstock.models.judging.GateReport;
import dev.penstock.models.judging.Quality;
import dev.penstock.models.learning.Candidate;
import dev.penstock.models.learning.CandidateBuilder;
import dev.penstock.models.learning.LearningTask;
import dev.penstock.models.learning.TrainingSet;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.models.transit.BundleFetcher;
import dev.penstock.models.transit.BundlePublisher;
import dev.penstock.models.transit.Provenance;
import dev.penstock.models.transit.PublishedVersions;
import dev.penstock.models.trust.BundleSignature;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.schemas.ModelVersion;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a version from its parent's bundle, judges it, signs it and publishes it, whatever the gates found: a refused one
 * is announced as refused.
 */
public final class BundleTrainer implements Trainer {
    private static final Logger LOG = LoggerFactory.getLogger(BundleTrainer.class);
    private static final String PUBLISHER = "retrain";
    private static final String RANGES = "labelled-examples";
    private static final String PARENT_DIGEST = "parent-digest";
    private static final String NEW_FROM = "new-from";
    private static final String ORDER_SEED = "order-seed";

    private final PublishedVersions versions;
    private final BundleFetcher fetcher;
    private final ExampleReader examples;
    private final SigningKey key;
    private final Producer<String, SpecificRecord> producer;
    private final BundlePublisher publisher;
    private final TensorFlowRuntime runtime;
    private final Settings settings;

    /**
     * How models learn, and how much of the machine that may take.
     *
     * @param threads that TensorFlow computes with: 1 for the thread that trains, and the same bundle each time
     * @param dutyCycle share of the time in which it computes
     * @param mostExamples of one training
     * @param largestWeight of one example
     * @param usual for models that have no other plan
     * @param byModel what is different for some
     * @param silence label that requests have of which nobody says anything, by model
     */
    public record Settings(
            int threads,
            double dutyCycle,
            int mostExamples,
            double largestWeight,
            LearningPlan usual,
            Map<String, LearningPlan> byModel,
            Map<String, String> silence)
            implements Serializable {
        public Settings {
            byModel = Map.copyOf(byModel);
            silence = Map.copyOf(silence);
        }

        LearningPlan of(String model) {
            return byModel.getOrDefault(model, usual);
        }
    }

    /** @param producer closed with this; its value serializer registers schemas by topic */
    public BundleTrainer(
            PublishedVersions versions,
            BundleFetcher fetcher,
            ExampleReader examples,
            SigningKey key,
            Producer<String, SpecificRecord> producer,
            BundlePublisher.Limits limits,
            Settings settings,
            Clock clock) {
        this.versions = versions;
        this.fetcher = fetcher;
        this.examples = examples;
        this.key = key;
        this.producer = producer;
        this.publisher = new BundlePublisher(producer, limits, clock);
        this.runtime = settings.threads() == 1
                ? TensorFlowRuntime.inCallingThread()
                : TensorFlowRuntime.withThreads(settings.threads(), 1);
        this.settings = settings;
    }

    @Override
    public Outcome train(TrainingOrder order, RunWatch watch) throws IOException, InterruptedException {
        List<ModelVersion> known = versions.of(order.model());
        ModelVersion parentVersion = announced(order.parent(), known)
                .orElseThrow(() -> new IllegalStateException(
                        "Cannot train model '%s' from version %d: it is not announced any more; publish it again"
                                .formatted(order.model(), order.parent())));
        Map<String, String> lineage = lineage(order, parentVersion);
        Optional<ModelVersion> made = announced(order.version(), known);
        if (made.isPresent()) {
            return madeBefore(order, made.get(), lineage);
        }
        Bundle parent = fetcher.fetch(parentVersion);
        requireKnownSilence(order.model(), parent.card().labels());
        List<ExampleReader.Read> read = examples.read(order, watch);
        LearningPlan plan = settings.of(order.model());
        TrainingSet set = TrainingSet.select(
                ExampleReader.Read.all(read, false),
                ExampleReader.Read.all(read, true),
                plan.selection(settings.mostExamples()),
                order.seed());
        LOG.info(
                "Training {} with {} examples, judging by {}; left out {}",
                order.runId(),
                set.training().size(),
                set.heldOut().size(),
                set.leftOut());
        Map<String, String> whole = new TreeMap<>(lineage);
        if (!set.leftOut().isEmpty()) {
            whole.put("left-out", leftOut(set));
        }
        Path workspace = Files.createTempDirectory("penstock-training-");
        try {
            Candidate candidate = new CandidateBuilder(
                            runtime, plan.settings(order.seed(), settings.dutyCycle(), settings.largestWeight()))
                    .next(
                            new LearningTask(parent, order.version(), set, whole),
                            new Observer(watch),
                            workspace.resolve("bundle"));
            if (watch.isCancelled()) {
                throw new CancelledRunException("Cancelled before version %d of model '%s' was published"
                        .formatted(order.version(), order.model()));
            }
            return publish(order, candidate, set);
        } catch (TrainingCancelledException e) {
            throw new CancelledRunException(String.valueOf(e.getMessage()));
        } finally {
            delete(workspace);
        }
    }

    /** Of a label that a model does not have nothing is learned, and nobody would notice. */
    private void requireKnownSilence(String model, List<String> labels) {
        String label = settings.silence().get(model);
        if (label != null && !labels.contains(label)) {
            throw new IllegalStateException(
                    "Cannot train model '%s': silence counts as '%s' and the model's labels are %s; let silence.%s.label name one of these"
                            .formatted(model, label, labels, model));
        }
    }

    private Outcome publish(TrainingOrder order, Candidate candidate, TrainingSet set)
            throws IOException, InterruptedException {
        BundleSignature.write(candidate.bundle(), key);
        List<String> refusals = candidate.report().refusals();
        // Asked again: a training lasts, and a version is immutable.
        publisher.publish(
                candidate.bundle().directory(),
                versions.of(order.model()),
                PUBLISHER,
                new Provenance(OptionalInt.of(order.parent()), refusals));
        List<String> suspicions = candidate.report().contradictions().stream()
                .filter(Contradiction::isUnusual)
                .map(found -> suspicion(order, found))
                .toList();
        return new Outcome(candidate.training(), message(order, candidate, set), refusals, suspicions);
    }

    private static String suspicion(TrainingOrder order, Contradiction found) {
        return "Labels of '%s' contradict version %d of model '%s' in %d of %d held-out examples, other labels in a share of %.3f; look at them before version %d is trusted"
                .formatted(
                        found.what(),
                        order.parent(),
                        order.model(),
                        found.contradicted(),
                        found.rows(),
                        found.shareOfOthers(),
                        order.version());
    }

    private static String leftOut(TrainingSet set) {
        return set.leftOut().entrySet().stream()
                .map(left -> "%d %s".formatted(left.getValue(), left.getKey()))
                .collect(Collectors.joining(", "));
    }

    private static String message(TrainingOrder order, Candidate candidate, TrainingSet set) {
        GateReport report = candidate.report();
        Quality quality = report.candidate();
        String before = report.serving()
                .map(serving -> ", version %d in %.4f".formatted(order.parent(), serving.accuracy()))
                .orElse("");
        String learned =
                "Version %d of model '%s' learned from %d examples and is right in %.4f of %d that were held out%s"
                        .formatted(
                                order.version(),
                                order.model(),
                                candidate.training(),
                                quality.accuracy(),
                                quality.rows(),
                                before);
        if (!set.leftOut().isEmpty()) {
            learned += "; left out: " + leftOut(set);
        }
        return report.passed() ? learned : learned + "; it is refused: " + String.join("; ", report.refusals());
    }

    /** A run that was begun again, or whose report was lost, finds what it made. */
    private static Outcome madeBefore(TrainingOrder order, ModelVersion made, Map<String, String> lineage) {
        Map<String, String> actual = ModelCardReader.read(made.getCard()).lineage();
        boolean isOurs =
                lineage.entrySet().stream().allMatch(entry -> entry.getValue().equals(actual.get(entry.getKey())));
        if (!isOurs) {
            throw new IllegalStateException(
                    "Cannot make version %d of model '%s': %s published one that came from elsewhere meanwhile"
                            .formatted(order.version(), order.model(), made.getPublishedBy()));
        }
        return new Outcome(
                0,
                "Version %d of model '%s' had been published before the job was started again"
                        .formatted(order.version(), order.model()),
                made.getRefusedBecause(),
                List.of());
    }

    private static Optional<ModelVersion> announced(int version, List<ModelVersion> known) {
        return known.stream()
                .filter(announced -> announced.getVersion() == version)
                .findAny();
    }

    /** What the version depends on, beside the examples themselves, whose digest the builder adds. */
    private static Map<String, String> lineage(TrainingOrder order, ModelVersion parent) {
        String code = BundleTrainer.class.getPackage().getImplementationVersion();
        return Map.of(
                RANGES,
                order.ranges().stream()
                        .map(range -> "%d:%d-%d".formatted(range.partition(), range.from(), range.to()))
                        .collect(Collectors.joining(" ")),
                NEW_FROM,
                order.ranges().stream()
                        .map(range -> "%d:%d".formatted(range.partition(), range.newFrom()))
                        .collect(Collectors.joining(" ")),
                PARENT_DIGEST,
                parent.getDigest(),
                ORDER_SEED,
                Long.toString(order.seed()),
                "cause",
                order.cause().name().toLowerCase(Locale.ROOT),
                "code-version",
                code == null ? "unpackaged" : code);
    }

    @Override
    public void close() {
        producer.close();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }

    /** Passes on what a training says and is told. */
    private record Observer(RunWatch watch) implements TrainingObserver {
        @Override
        public void learned(TrainingProgress progress) {
            watch.learning(
                    progress.step(),
                    progress.steps(),
                    progress.loss(),
                    progress.validationScore().orElse(Double.NaN));
        }

        @Override
        public void judging() {
            watch.judging();
        }

        @Override
        public boolean isCancelled() {
            return watch.isCancelled();
        }
    }
}
