package dev.penstock.models.architectures;

import dev.penstock.models.card.InputSpec.Feature;
import dev.penstock.models.preprocessing.audio.WaveBytes;
import dev.penstock.models.preprocessing.image.PngBytes;
import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.TextPayload;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/** A tiny problem for each architecture that a child could solve, with the smallest network that should. */
@SuppressWarnings("ImmutableEnumChecker") // Architectures are immutable, though not marked so.
enum Problems {
    /** Which half is bright. */
    IMAGE(
            new ImageClassifier(List.of("left", "right"), new ImageClassifier.Size(14, 14, 1, 4, 4, 8)),
            new TrainingSettings(12, 8, 1e-2, ClassWeights.NONE, 0.25, 1)) {
        @Override
        Object payload(int label, SplittableRandom random) {
            byte[] rows = new byte[14 * 15];
            for (int pixel = 0; pixel < 14 * 14; pixel++) {
                boolean bright = (pixel % 14 >= 7) == (label == 1);
                rows[pixel / 14 * 15 + 1 + pixel % 14] = (byte) (random.nextInt(100) + (bright ? 150 : 0));
            }
            return new ImagePayload(ByteBuffer.wrap(PngBytes.of(14, 14, 8, 0, rows)), "image/png");
        }
    },
    /** A high tone or a low one, at any loudness. */
    AUDIO(
            new AudioClassifier(List.of("low", "high"), new AudioClassifier.Size(8_000, 2_000, 16, 8, 8)),
            new TrainingSettings(12, 8, 1e-2, ClassWeights.NONE, 0.25, 1)) {
        @Override
        Object payload(int label, SplittableRandom random) {
            double hertz = label == 0 ? random.nextDouble(200, 600) : random.nextDouble(1_500, 3_000);
            double loudness = random.nextDouble(1_000, 30_000);
            short[] samples = new short[2_000];
            for (int index = 0; index < samples.length; index++) {
                double noise = random.nextDouble(-0.05, 0.05);
                samples[index] = (short) (loudness * (Math.sin(2 * Math.PI * hertz * index / 8_000) + noise));
            }
            return new AudioPayload(ByteBuffer.wrap(WaveBytes.of(8_000, samples)), "audio/wav");
        }
    },
    /** Whether one word is there, anywhere between others. */
    TEXT(
            new TextClassifier(List.of("ham", "spam"), new TextClassifier.Size(12, 512, 16, 1, 2)),
            new TrainingSettings(12, 8, 1e-2, ClassWeights.NONE, 0.25, 1)) {
        @Override
        Object payload(int label, SplittableRandom random) {
            List<String> words = new ArrayList<>();
            for (int count = 3 + random.nextInt(8); count > 0; count--) {
                words.add("word" + (char) ('a' + random.nextInt(26)));
            }
            words.add(random.nextInt(words.size()), label == 1 ? "Win" : "meet");
            return new TextPayload(String.join(" ", words) + " äöü €!");
        }
    },
    /** Whether a number of any size is above another, and one of two categories. */
    RECORD(
            new RecordClassifier(
                    List.of("genuine", "fraud"),
                    List.of(
                            new Feature("amount", OptionalDouble.empty(), List.of()),
                            new Feature("constant", OptionalDouble.of(7), List.of()),
                            new Feature("channel", OptionalDouble.empty(), List.of("card", "wire"))),
                    new RecordClassifier.Size(16, 8)),
            new TrainingSettings(12, 8, 1e-2, ClassWeights.SQUARE_ROOT, 0.25, 1)) {
        @Override
        Object payload(int label, SplittableRandom random) {
            double amount = label == 1 ? random.nextDouble(6_000, 9_000) : random.nextDouble(1_000, 4_000);
            return new FeaturesPayload(
                    Map.of("amount", amount), Map.of("channel", random.nextBoolean() ? "card" : "wire"));
        }
    };

    private final Architecture architecture;
    private final TrainingSettings settings;

    Problems(Architecture architecture, TrainingSettings settings) {
        this.architecture = architecture;
        this.settings = settings;
    }

    abstract Object payload(int label, SplittableRandom random);

    Architecture architecture() {
        return architecture;
    }

    TrainingSettings settings() {
        return settings;
    }

    /** Labels take turns. */
    List<LabelledPayload> payloads(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<LabelledPayload> payloads = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            int label = index % 2;
            payloads.add(new LabelledPayload(
                    payload(label, random), architecture.labels().get(label)));
        }
        return payloads;
    }
}
