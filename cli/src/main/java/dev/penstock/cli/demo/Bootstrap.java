package dev.penstock.cli.demo;

import dev.penstock.cli.demo.bundles.DemoBundle;
import dev.penstock.cli.demo.events.Paying;
import dev.penstock.cli.demo.events.PaymentDays;
import dev.penstock.data.Digits;
import dev.penstock.data.Mails;
import dev.penstock.data.Prompts;
import dev.penstock.data.Transactions;
import dev.penstock.models.architectures.Architecture;
import dev.penstock.models.architectures.AudioClassifier;
import dev.penstock.models.architectures.ImageClassifier;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.architectures.RecordClassifier;
import dev.penstock.models.architectures.TextClassifier;
import dev.penstock.models.architectures.Trained;
import dev.penstock.models.architectures.Training;
import dev.penstock.models.card.InputSpec.Feature;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.pipelines.Rolling;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Trains a first version of each of the demo's models on the small share of the data that is not streamed. */
final class Bootstrap {
    private static final int PROMPT_SAMPLE_RATE = 8_000;
    private static final int DIGIT_PIXELS = 28;
    private static final int DIGITS_LEARNED = 200;
    /** The other prompts are streamed. */
    static final int PROMPTS_LEARNED = 50;

    private static final List<String> PAYMENT_FEATURES = List.of("amount", "hour", "weekday");

    private final Path directory;
    private final PaymentDays days;
    private final Collection<Rolling> rolling;
    private final long seed;
    private final TensorFlowRuntime runtime = TensorFlowRuntime.inCallingThread();

    /**
     * A model that can be published.
     *
     * @param examples it was trained on
     */
    record Ready(String model, Path bundle, int examples, double seconds) {}

    /**
     * @param directory to write bundles into
     * @param days of payments
     * @param rolling what a model of payments sees of them
     */
    Bootstrap(Path directory, PaymentDays days, Collection<Rolling> rolling, long seed) {
        this.directory = directory;
        this.days = days;
        this.rolling = List.copyOf(rolling);
        this.seed = seed;
    }

    /**
     * How one model is made.
     *
     * @param training gives what can be published
     */
    record Lesson(String model, Callable<Ready> training) {}

    /** One for each model, the quickest first, so that the first prediction comes early. */
    List<Lesson> lessons() {
        return List.of(
                new Lesson("fraud", this::trainOnPayments),
                lesson(
                        "digits",
                        new ImageClassifier(Digits.LABELS, ImageClassifier.Size.of(DIGIT_PIXELS, DIGIT_PIXELS, 1)),
                        Bootstrap::digits),
                lesson(
                        "languages",
                        new AudioClassifier(
                                Prompts.LABELS, AudioClassifier.Size.of(PROMPT_SAMPLE_RATE, PROMPT_SAMPLE_RATE)),
                        Bootstrap::prompts),
                lesson("spam", new TextClassifier(Mails.LABELS, TextClassifier.Size.usual()), Bootstrap::mails));
    }

    private Lesson lesson(String model, Architecture architecture, Supplier<List<LabelledPayload>> examples) {
        return new Lesson(model, () -> train(model, architecture, examples.get(), List.of()));
    }

    /**
     * Of the last day, and measured by the last week: while the past is read, what is known of cards and terminals only
     * begins to be like what will be.
     */
    private Ready trainOnPayments() throws IOException {
        List<LabelledExample> usual = Paying.examples(days.past(), rolling, payment -> days.isUsual(payment.time()));
        List<LabelledPayload> lesson = usual.stream()
                .filter(example -> days.isLesson(example.getEventTime()))
                .map(Paying::labelled)
                .toList();
        return train(
                "fraud",
                new RecordClassifier(Transactions.LABELS, features(rolling), RecordClassifier.Size.usual()),
                lesson,
                usual);
    }

    private Ready train(
            String model, Architecture architecture, List<LabelledPayload> examples, List<LabelledExample> usual)
            throws IOException {
        long start = System.nanoTime();
        Path savedModel = directory.resolve(model).resolve("trained");
        Trained trained = new Training(runtime, progress -> {})
                .firstVersion(
                        architecture,
                        model,
                        examples,
                        architecture.usualTraining().withSeed(seed),
                        savedModel);
        Path bundle = DemoBundle.build(trained.card(), savedModel, examples, usual, directory.resolve(model), runtime)
                .directory();
        return new Ready(model, bundle, trained.examples(), (System.nanoTime() - start) / 1e9);
    }

    /** What a payment says itself, and what is known of its card and terminal: 0 where nothing is. */
    static List<Feature> features(Collection<Rolling> rolling) {
        List<Feature> features = new ArrayList<>();
        PAYMENT_FEATURES.forEach(name -> features.add(new Feature(name, OptionalDouble.empty(), List.of())));
        rolling.forEach(group -> group.features()
                .keySet()
                .forEach(name -> features.add(new Feature(name, OptionalDouble.of(0), List.of()))));
        return features;
    }

    private static List<LabelledPayload> digits() {
        return Digits.bootstrap().subList(0, DIGITS_LEARNED).stream()
                .map(digit -> new LabelledPayload(
                        new ImagePayload(ByteBuffer.wrap(digit.png().toArray()), "image/png"), digit.label()))
                .toList();
    }

    private static List<LabelledPayload> prompts() {
        return Prompts.bootstrap().subList(0, PROMPTS_LEARNED).stream()
                .map(prompt -> new LabelledPayload(
                        new AudioPayload(ByteBuffer.wrap(prompt.wav().toArray()), "audio/wav"), prompt.label()))
                .toList();
    }

    static List<LabelledPayload> mails() {
        return Mails.bootstrap().stream()
                .map(mail -> new LabelledPayload(new TextPayload(mail.text()), mail.label()))
                .toList();
    }
}
