package dev.penstock.models;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.tensorflow.GraphFixture;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.TextPayload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/**
 * A ready bundle for each modality, made in milliseconds, whose scores can be told by looking at the input. Versions of
 * one model score differently, so that a test sees which one answered.
 */
public final class TinyModels {
    /** What a text has to contain for {@link #text} to fail on it, and on every batch that it is in. */
    public static final String BREAKING_TEXT = "breaks the model";

    private TinyModels() {}

    /**
     * Binary, {@code ham} or {@code spam}: a text with {@code spam} in it scores 0.9 for spam, another one 0.2; in later
     * versions 0.01 less for each. A text with {@value #BREAKING_TEXT} in it makes the call fail.
     */
    public static Bundle text(Path directory, int version) {
        String card = """
                card-version: 1
                name: tiny-text
                version: %d
                task: binary
                modality: text
                labels: [ham, spam]
                inputs:
                  text: text
                outputs:
                  spam: probabilities
                """.formatted(version);
        List<GoldenExample> golden = List.of(
                golden(new TextPayload("buy spam now"), "spam", spamScore(true, version)),
                golden(new TextPayload("see you at lunch"), "spam", spamScore(false, version)));
        return bundle(directory, card, golden, fixture -> {
            Ops tf = fixture.tf();
            Placeholder<TString> text = tf.placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
            Operand<TFloat32> spam = tf.select(
                    tf.strings.regexFullMatch(text, tf.constant("(?s).*spam.*")),
                    filledLike(tf, text, spamScore(true, version)),
                    filledLike(tf, text, spamScore(false, version)));
            Operand<TBool> breaking =
                    tf.strings.regexFullMatch(text, tf.constant("(?s).*%s.*".formatted(BREAKING_TEXT)));
            Operand<TFloat32> checked = tf.debugging.checkNumerics(
                    tf.select(breaking, filledLike(tf, text, Float.NaN), spam), "the text breaks the model");
            fixture.signature("serving_default", Map.of("text", text), Map.of("spam", checked));
        });
    }

    /** What {@link #text} gives for spam. */
    public static float spamScore(boolean containsSpam, int version) {
        return (containsSpam ? 0.9f : 0.2f) - 0.01f * (version - 1);
    }

    private static Operand<TFloat32> filledLike(Ops tf, Operand<TString> like, float value) {
        return tf.fill(tf.shape(like), tf.constant(value));
    }

    /**
     * Binary, {@code genuine} or {@code fraud}, from {@code amount} and {@code night} (0 where it is missing): the
     * probability of fraud is {@code min(amount / 1000 + night / 10, 1)}; in later versions 0.01 more for each. An
     * amount below 0 gives NaN.
     */
    public static Bundle record(Path directory, int version) {
        String card = """
                card-version: 1
                name: tiny-record
                version: %d
                task: binary
                modality: record
                labels: [genuine, fraud]
                inputs:
                  features:
                    features: [amount, {name: night, missing: 0}]
                outputs:
                  fraud: probabilities
                """.formatted(version);
        FeaturesPayload features = new FeaturesPayload(Map.of("amount", 250.0, "night", 1.0), Map.of());
        return bundle(directory, card, List.of(golden(features, "fraud", fraudScore(250, 1, version))), fixture -> {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> rows = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            Operand<TFloat32> weighted = tf.squeeze(
                    tf.linalg.matMul(rows, tf.constant(new float[][] {{0.001f}, {0.1f}})),
                    org.tensorflow.op.core.Squeeze.axis(List.of(1L)));
            Operand<TFloat32> amount = tf.gather(rows, tf.constant(0), tf.constant(1));
            Operand<TFloat32> notANumber = tf.math.mul(tf.math.sqrt(amount), tf.constant(0f));
            Operand<TFloat32> shifted =
                    tf.math.add(weighted, tf.math.add(notANumber, tf.constant(0.01f * (version - 1))));
            Operand<TFloat32> fraud = tf.math.minimum(shifted, tf.constant(1f));
            fixture.signature("serving_default", Map.of("features", rows), Map.of("fraud", fraud));
        });
    }

    /** What {@link #record} gives for fraud. */
    public static float fraudScore(double amount, double night, int version) {
        return (float) Math.min(amount / 1000 + night / 10 + 0.01 * (version - 1), 1);
    }

    /**
     * One of {@code dark} and {@code bright}, from a grey image of 4 by 4: bright is the mean of its pixels, 0 to 1, to
     * the power of the version.
     */
    public static Bundle image(Path directory, int version) {
        String card = """
                card-version: 1
                name: tiny-image
                version: %d
                task: multiclass
                modality: image
                labels: [dark, bright]
                inputs:
                  pixels:
                    image: {width: 4, height: 4, channels: 1}
                outputs:
                  scores: probabilities
                """.formatted(version);
        return bundle(directory, card, List.of(), fixture -> {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> pixels = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 4, 4, 1)));
            Operand<TFloat32> mean = tf.math.mean(pixels, tf.constant(new int[] {1, 2, 3}));
            fixture.signature("serving_default", Map.of("pixels", pixels), Map.of("scores", pair(tf, mean, version)));
        });
    }

    /**
     * One of {@code quiet} and {@code loud}, from half a second at 8 kHz: loud is the root of the mean square of its
     * samples, 0 to 1, to the power of the version.
     */
    public static Bundle audio(Path directory, int version) {
        String card = """
                card-version: 1
                name: tiny-audio
                version: %d
                task: multiclass
                modality: audio
                labels: [quiet, loud]
                inputs:
                  waveform:
                    waveform: {sample-rate: 8000, samples: 4000}
                outputs:
                  scores: probabilities
                """.formatted(version);
        return bundle(directory, card, List.of(), fixture -> {
            Ops tf = fixture.tf();
            Placeholder<TFloat32> waveform = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 4000)));
            Operand<TFloat32> loudness = tf.math.sqrt(tf.math.mean(tf.math.square(waveform), tf.constant(1)));
            fixture.signature(
                    "serving_default", Map.of("waveform", waveform), Map.of("scores", pair(tf, loudness, version)));
        });
    }

    /** {@code [batch, 2]}: what is missing to 1, and the score. */
    private static Operand<TFloat32> pair(Ops tf, Operand<TFloat32> score, int version) {
        Operand<TFloat32> power = tf.math.pow(score, tf.constant((float) version));
        return tf.stack(List.of(tf.math.sub(tf.constant(1f), power), power), org.tensorflow.op.core.Stack.axis(1L));
    }

    private static GoldenExample golden(Object payload, String positive, float score) {
        return new GoldenExample(payload, Map.of(positive, score));
    }

    private static Bundle bundle(
            Path directory, String card, List<GoldenExample> golden, Consumer<GraphFixture> definition) {
        try (GraphFixture fixture = new GraphFixture()) {
            definition.accept(fixture);
            Path savedModel = fixture.write(Files.createTempDirectory("tiny-model"));
            try {
                return new BundleBuilder(card, savedModel)
                        .goldenExamples(golden)
                        .build(directory);
            } finally {
                Files.delete(savedModel.resolve("saved_model.pb"));
                Files.delete(savedModel);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
