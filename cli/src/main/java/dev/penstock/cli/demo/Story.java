package dev.penstock.cli.demo;

import dev.penstock.cli.demo.ModelStory.Exam;
import dev.penstock.cli.demo.ModelStory.Stage;
import dev.penstock.cli.demo.ModelStory.VersionStory;
import dev.penstock.cli.demo.bundles.ModelPublishing;
import dev.penstock.cli.demo.story.AccuracyByVersion;
import dev.penstock.cli.demo.story.Chronicle;
import dev.penstock.cli.demo.story.Counts;
import dev.penstock.cli.demo.story.DamagedVersion;
import dev.penstock.cli.demo.story.PoisonedLabels;
import dev.penstock.cli.demo.story.ReviewRoom;
import dev.penstock.cli.demo.story.Reviewer;
import dev.penstock.cli.demo.story.SameEvents;
import dev.penstock.cli.demo.story.StoryReport.Act;
import dev.penstock.cli.demo.story.Truth;
import dev.penstock.data.Mails;
import dev.penstock.ingest.producer.PenstockProducer;
import dev.penstock.ingest.producer.Report;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.architectures.TextClassifier;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.models.transit.BundleFetcher;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What happens while events stream: first versions answer, people say what was wrong, versions learn from it and earn their
 * traffic; somebody publishes a bad version; somebody lies. Each act ends in one sentence with figures that were seen.
 */
final class Story {
    private static final Duration FIRST_VERSIONS = Duration.ofSeconds(8);
    private static final Duration LEARNING = Duration.ofMinutes(5);
    /** More, for a version that answers some requests by then: how it ends is worth the wait. */
    private static final Duration LAST_STEPS = Duration.ofMinutes(2);

    private static final Duration DAMAGE = Duration.ofSeconds(90);
    private static final Duration LIES_ARRIVE = Duration.ofSeconds(5);
    private static final Duration TRAINING = Duration.ofSeconds(60);
    private static final Duration LIES = Duration.ofSeconds(30);
    private static final int LOOK_MILLIS = 100;

    /** The model that the bad version and the lies are about. */
    private static final String ATTACKED = "spam";

    private static final String WANTED = "ham";
    private static final String UNWANTED = "spam";
    private static final int LATEST_PREDICTIONS = 600;
    /** To the bad version's number, so that a training that is under way takes no number twice. */
    private static final int GAP = 10;

    private static final Map<String, String> LOOKED_FOR = Map.of(ATTACKED, UNWANTED, "fraud", "fraud");

    private final Instant start;
    private final Scene scene;
    private final Truth truth;
    private final AccuracyByVersion accuracy;
    private final Reviewer reviewer;
    private final Deque<Prediction> latest = new ArrayDeque<>();
    private final Map<String, SameEvents> examiners = new HashMap<>();
    private final Map<String, Map<Integer, Exam>> exams = new HashMap<>();
    private final List<Act> acts = new ArrayList<>();
    private int damaged;

    /**
     * Where it plays.
     *
     * @param bundles fetches what was published, whoever signed it
     * @param pulse called while waiting; throws if anything has failed
     */
    record Scene(
            List<DemoPipeline> pipelines,
            PenstockProducer producer,
            ModelPublishing publishing,
            BundleFetcher bundles,
            TensorFlowRuntime runtime,
            Path directory,
            long seed,
            Runnable pulse) {}

    Story(Instant start, Scene scene) {
        this.start = start;
        this.scene = scene;
        this.truth = Truth.of(
                scene.pipelines().stream().collect(Collectors.toMap(DemoPipeline::name, DemoPipeline::events)));
        this.accuracy = new AccuracyByVersion(truth);
        this.reviewer = new Reviewer(truth, reviewing(), scene.seed());
    }

    /** Who says what requests were, by pipeline. */
    static Map<String, Reviewer.Habits> reviewing() {
        Reviewer.Habits people = Reviewer.Habits.people(Duration.ofSeconds(1), Duration.ofSeconds(4));
        return Map.of(
                "spam", people.withShare(0.5),
                "digits", people.withShare(0.5),
                "languages", people.withShare(1),
                "fraud", Reviewer.Habits.outcomes(Duration.ofSeconds(5), Duration.ofSeconds(15)));
    }

    /** Told of each prediction that was served. */
    void predicted(Prediction prediction, Instant written) {
        accuracy.predicted(prediction, written);
        reviewer.predicted(prediction, Instant.now());
        if (prediction.getPipeline().equals(ATTACKED)) {
            synchronized (latest) {
                latest.addLast(prediction);
                if (latest.size() > LATEST_PREDICTIONS) {
                    latest.removeFirst();
                }
            }
        }
    }

    /** Told of what a version that only shadows would have decided. */
    void shadowed(Prediction prediction) {
        accuracy.predicted(prediction, Instant.now());
    }

    AccuracyByVersion accuracy() {
        return accuracy;
    }

    /**
     * Plays all acts, while events stream.
     *
     * @param told what happened, as soon as it has
     */
    List<Act> play(Chronicle chronicle, Consumer<Act> told) throws InterruptedException, IOException {
        tell(firstVersions(), told);
        try (ReviewRoom room = ReviewRoom.open(reviewer, scene.producer(), Clock.systemUTC())) {
            for (Act act : learning(chronicle, room)) {
                tell(act, told);
            }
            tell(badVersion(chronicle), told);
            tell(lies(chronicle), told);
            room.check();
        }
        return List.copyOf(acts);
    }

    private void tell(Act act, Consumer<Act> told) {
        acts.add(act);
        told.accept(act);
    }

    private Act firstVersions() throws InterruptedException {
        await(FIRST_VERSIONS, () -> false);
        String each = accuracy.scores().stream()
                .filter(score -> score.version() == 1)
                .map(score -> "%s %s of %d".formatted(score.model(), percent(score.accuracy()), score.answered()))
                .collect(Collectors.joining(", "));
        return new Act("First versions", "Trained on little, they decide rightly: %s.".formatted(each));
    }

    private List<Act> learning(Chronicle chronicle, ReviewRoom room) throws InterruptedException, IOException {
        List<String> learners =
                scene.pipelines().stream().map(DemoPipeline::name).toList();
        BooleanSupplier allHaveLearned = () -> {
            room.check();
            return learners.stream().allMatch(model -> chronicle.champion(model) > 1);
        };
        await(LEARNING, allHaveLearned);
        await(
                LAST_STEPS,
                () -> allHaveLearned.getAsBoolean()
                        || learners.stream()
                                .filter(model -> chronicle.champion(model) == 1)
                                .noneMatch(model -> isAt(RolloutStage.CANARY, model, chronicle)));
        List<Act> told = new ArrayList<>();
        for (String model : learners) {
            told.add(new Act("Learning: " + model, learned(chronicle, model)));
        }
        return told;
    }

    private String learned(Chronicle chronicle, String model) throws IOException {
        int champion = chronicle.champion(model);
        int labels = reviewer.said(model).map(Reviewer.Said::reports).orElse(0);
        if (champion > 1) {
            Map<String, String> lineage = ModelCardReader.read(
                            announced(chronicle, model, champion).getCard())
                    .lineage();
            return String.format(
                    Locale.ROOT,
                    "Version %d learned from %s labelled events, was judged by %s others, and serves everybody %.0f s after the first label; on %s",
                    champion,
                    lineage.getOrDefault("examples", "?"),
                    lineage.getOrDefault("held-out", "?"),
                    secondsToChampion(chronicle, model, champion).orElse(Double.NaN),
                    compared(chronicle, model, 1, champion));
        }
        Optional<ModelVersion> newest = chronicle.versions(model).stream()
                .filter(version -> version.getVersion() > 1)
                .reduce((before, after) -> after);
        if (newest.isEmpty()) {
            return "%d labels so far, and no version was made of them: %d trainings began."
                    .formatted(labels, chronicle.trainings(model));
        }
        if (!newest.get().getRefusedBecause().isEmpty()) {
            return "Version %d was made of %d labels, and its own gates refused it: %s"
                    .formatted(
                            newest.get().getVersion(),
                            labels,
                            newest.get().getRefusedBecause().get(0));
        }
        return "Version %d does not serve everybody yet, which is right where too little is known: %s"
                .formatted(
                        newest.get().getVersion(),
                        chronicle
                                .last(model)
                                .map(event -> firstReason(event.getBecause()))
                                .orElse("nothing was decided about it"));
    }

    /** Such as {@code 420 mails that nobody labelled, recall 0.71 → 0.86}. */
    private String compared(Chronicle chronicle, String model, int before, int after) throws IOException {
        Exam old = exam(chronicle, model, before);
        Exam fresh = exam(chronicle, model, after);
        String events = "%d events that nobody labelled: accuracy %s"
                .formatted(fresh.events(), change(old.accuracy(), fresh.accuracy()));
        return fresh.recall() == null
                ? events + "."
                : "%s, recall %s, precision %s."
                        .formatted(
                                events,
                                change(old.recall(), fresh.recall()),
                                change(old.precision(), fresh.precision()));
    }

    private Act badVersion(Chronicle chronicle) throws InterruptedException, IOException {
        // One trial at a time: what is on its way is let through first.
        await(DAMAGE, () -> !isOnTrial(chronicle));
        int serving = chronicle.champion(ATTACKED);
        List<ModelVersion> known = chronicle.versions(ATTACKED);
        damaged = known.get(known.size() - 1).getVersion() + GAP;
        Bundle bundle = new DamagedVersion(fetch(chronicle, ATTACKED, serving), scene.runtime())
                .build(
                        damaged,
                        Bootstrap.mails(),
                        WANTED,
                        UNWANTED,
                        new TextClassifier(Mails.LABELS, TextClassifier.Size.usual())
                                .usualTraining()
                                .withSeed(scene.seed()),
                        scene.directory().resolve("damaged"));
        Instant published = Instant.now();
        scene.publishing().publish(bundle.directory());
        await(DAMAGE, () -> chronicle.ended(ATTACKED, damaged).isPresent());
        Optional<RolloutEvent> end = chronicle.ended(ATTACKED, damaged);
        double share = accuracy.shareOf(ATTACKED, damaged, published);
        return new Act(
                "A bad version",
                end.map(event -> String.format(
                                Locale.ROOT,
                                "Version %d of %s takes wanted mails for unwanted ones, though its card says that all is well: %s after %.1f s, having answered %.2f %% of the requests since; %s",
                                damaged,
                                ATTACKED,
                                event.getStage().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                                seconds(published, event.getHappenedAt()),
                                100 * share,
                                firstReason(event.getBecause())))
                        .orElseGet(() -> String.format(
                                Locale.ROOT,
                                "Version %d of %s is bad, and was not ended within %d s; it answered %.2f %% of the requests.",
                                damaged,
                                ATTACKED,
                                DAMAGE.toSeconds(),
                                100 * share)));
    }

    private Act lies(Chronicle chronicle) throws InterruptedException, IOException {
        int before = chronicle.champion(ATTACKED);
        // By number, since a training that began before may still announce one below the bad version's.
        Set<Integer> known = chronicle.versions(ATTACKED).stream()
                .map(ModelVersion::getVersion)
                .collect(Collectors.toSet());
        long warnings = warnings(chronicle).count();
        List<Prediction> about;
        synchronized (latest) {
            about = List.copyOf(latest);
        }
        List<Report> reports =
                PoisonedLabels.flood("mallory", 1, truth, scene.seed()).about(about);
        ReviewRoom.sendNow(reports, scene.producer());
        await(LIES_ARRIVE, () -> false);
        scene.publishing().orderTraining(ATTACKED, "to see what lies can do");
        await(TRAINING, () -> chronicle.versions(ATTACKED).size() > known.size());
        await(LIES, () -> chronicle.champion(ATTACKED) != before);
        int after = chronicle.champion(ATTACKED);
        String outcome = after == before
                ? "version %d still serves".formatted(after)
                : "version %d serves now; on %s".formatted(after, compared(chronicle, ATTACKED, before, after));
        String warned = warnings(chronicle)
                .skip(warnings)
                .findFirst()
                .map(alert -> "; an alert says: " + firstReason(alert.getMessage()))
                .orElse("");
        return new Act(
                "Lies",
                "Mallory said the opposite of the truth about %d requests of %s at once, and a training was ordered on top: %s; %s%s."
                        .formatted(reports.size(), ATTACKED, trainedOnLies(chronicle, known), outcome, warned));
    }

    private static Stream<Alert> warnings(Chronicle chronicle) {
        return chronicle.alerts(ATTACKED).stream().filter(alert -> alert.getCode() == AlertCode.SUSPICIOUS_LABELS);
    }

    /** What the versions that were announced since came to. */
    private static String trainedOnLies(Chronicle chronicle, Set<Integer> known) {
        List<ModelVersion> since = chronicle.versions(ATTACKED).stream()
                .filter(version -> !known.contains(version.getVersion()))
                .toList();
        if (since.isEmpty()) {
            return "no version was made in time";
        }
        return since.stream()
                .map(version -> version.getRefusedBecause().isEmpty()
                        ? "version %d was made and is %s"
                                .formatted(
                                        version.getVersion(),
                                        chronicle.events(ATTACKED).stream()
                                                .filter(event -> event.getVersion() == version.getVersion())
                                                .reduce((early, late) -> late)
                                                .map(event -> stage(event.getStage()))
                                                .orElse("not on trial"))
                        : "version %d was made and refused by its gates (%s)"
                                .formatted(
                                        version.getVersion(),
                                        version.getRefusedBecause().get(0)))
                .collect(Collectors.joining(", "));
    }

    private static String stage(RolloutStage stage) {
        return switch (stage) {
            case SHADOW -> "shadowing, answering nobody";
            case CANARY -> "a canary";
            default -> stage.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        };
    }

    private static boolean isOnTrial(Chronicle chronicle) {
        return isAt(RolloutStage.SHADOW, ATTACKED, chronicle) || isAt(RolloutStage.CANARY, ATTACKED, chronicle);
    }

    private static boolean isAt(RolloutStage stage, String model, Chronicle chronicle) {
        return chronicle.last(model).filter(event -> event.getStage() == stage).isPresent();
    }

    /** What became of every model, for those who read it as JSON. */
    List<ModelStory> models(Chronicle chronicle) throws IOException {
        List<ModelStory> stories = new ArrayList<>();
        Map<String, Map<Integer, AccuracyByVersion.Score>> scores = new HashMap<>();
        accuracy.scores().forEach(score -> scores.computeIfAbsent(score.model(), model -> new HashMap<>())
                .put(score.version(), score));
        for (DemoPipeline pipeline : scene.pipelines()) {
            String model = pipeline.name();
            List<VersionStory> versions = new ArrayList<>();
            for (ModelVersion version : chronicle.versions(model)) {
                versions.add(version(
                        chronicle,
                        pipeline,
                        version,
                        Optional.ofNullable(scores.getOrDefault(model, Map.of()).get(version.getVersion()))));
            }
            stories.add(new ModelStory(
                    model, chronicle.champion(model), orNull(secondsToFirstChampion(chronicle, model)), versions));
        }
        return stories;
    }

    private VersionStory version(
            Chronicle chronicle, DemoPipeline pipeline, ModelVersion version, Optional<AccuracyByVersion.Score> score)
            throws IOException {
        int number = version.getVersion();
        return new VersionStory(
                number,
                version.getPublishedBy(),
                version.getParent(),
                version.getRefusedBecause(),
                chronicle.events(pipeline.name()).stream()
                        .filter(event -> event.getVersion() == number)
                        .map(event -> new Stage(
                                event.getStage().name(),
                                event.getShare(),
                                seconds(start, event.getHappenedAt()),
                                event.getBecause(),
                                event.getActor()))
                        .toList(),
                score.map(AccuracyByVersion.Score::answered).orElse(0),
                score.map(each -> orNull(each.accuracy())).orElse(null),
                score.map(each -> orNull(each.shadowAccuracy())).orElse(null),
                exam(chronicle, pipeline.name(), number));
    }

    /** The bad version's share of the requests that its model was asked since it was published, 0 to 1. */
    double damagedShare(Chronicle chronicle) {
        return chronicle.versions(ATTACKED).stream()
                .filter(version -> version.getVersion() == damaged)
                .findFirst()
                .map(version -> accuracy.shareOf(ATTACKED, damaged, version.getPublishedAt()))
                .orElse(0.0);
    }

    /** Of the first version that became it after version 1. */
    private OptionalDouble secondsToFirstChampion(Chronicle chronicle, String model) {
        return chronicle.events(model).stream()
                .filter(event -> event.getStage() == RolloutStage.CHAMPION && event.getVersion() > 1)
                .map(RolloutEvent::getVersion)
                .findFirst()
                .map(version -> secondsToChampion(chronicle, model, version))
                .orElse(OptionalDouble.empty());
    }

    private OptionalDouble secondsToChampion(Chronicle chronicle, String model, int version) {
        Optional<Instant> label = reviewer.said(model).map(Reviewer.Said::first);
        Optional<Instant> champion =
                chronicle.reached(model, version, RolloutStage.CHAMPION).map(RolloutEvent::getHappenedAt);
        return label.isPresent() && champion.isPresent()
                ? OptionalDouble.of(seconds(label.get(), champion.get()))
                : OptionalDouble.empty();
    }

    private Exam exam(Chronicle chronicle, String model, int version) throws IOException {
        Map<Integer, Exam> known = exams.computeIfAbsent(model, name -> new HashMap<>());
        Exam exam = known.get(version);
        if (exam == null) {
            Counts counts = examiners
                    .computeIfAbsent(model, name -> new SameEvents(keptBack(name), scene.runtime()))
                    .judge(fetch(chronicle, model, version));
            exam = Exam.of(counts, Optional.ofNullable(LOOKED_FOR.get(model)));
            known.put(version, exam);
        }
        return exam;
    }

    private List<LabelledPayload> keptBack(String model) {
        return scene.pipelines().stream()
                .filter(pipeline -> pipeline.name().equals(model))
                .findFirst()
                .orElseThrow()
                .source()
                .keptBack();
    }

    private Bundle fetch(Chronicle chronicle, String model, int version) throws IOException {
        return scene.bundles().fetch(announced(chronicle, model, version));
    }

    private static ModelVersion announced(Chronicle chronicle, String model, int version) {
        return chronicle.versions(model).stream()
                .filter(each -> each.getVersion() == version)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "Cannot compare version %d of model '%s': it was not announced".formatted(version, model)));
    }

    private void await(Duration patience, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            scene.pulse().run();
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    /** Of several; all of them are in the model's history. */
    static String firstReason(String because) {
        return because.split("; ", 2)[0];
    }

    private static double seconds(Instant from, Instant to) {
        return Math.round(Duration.between(from, to).toMillis() / 100.0) / 10.0;
    }

    private static String change(@Nullable Double before, @Nullable Double after) {
        return "%s → %s".formatted(DemoReport.number(before, "%.3f"), DemoReport.number(after, "%.3f"));
    }

    private static String percent(OptionalDouble share) {
        return share.isPresent() ? String.format(Locale.ROOT, "%.1f %%", 100 * share.getAsDouble()) : "nothing yet";
    }

    private static @Nullable Double orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }
}
