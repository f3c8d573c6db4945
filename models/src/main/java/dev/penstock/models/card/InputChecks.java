package dev.penstock.models.card;

import dev.penstock.models.card.InputSpec.Category;
import dev.penstock.models.card.InputSpec.Constant;
import dev.penstock.models.card.InputSpec.Encoded;
import dev.penstock.models.card.InputSpec.Feature;
import dev.penstock.models.card.InputSpec.Features;
import dev.penstock.models.card.InputSpec.Image;
import dev.penstock.models.card.InputSpec.PixelScale;
import dev.penstock.models.card.InputSpec.Text;
import dev.penstock.models.card.InputSpec.Tokens;
import dev.penstock.models.card.InputSpec.Waveform;
import dev.penstock.schemas.Modality;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What the settings of a card's inputs must be. */
final class InputChecks {
    static final int MOST_FEATURES = 1_000_000;

    private static final int LARGEST_SIDE = 16_384;
    private static final int HIGHEST_SAMPLE_RATE = 384_000;
    private static final int LONGEST_CLIP = 100_000_000;
    private static final int LONGEST_TEXT = 1_000_000;

    private final Findings findings;
    private final Modality modality;

    InputChecks(Findings findings, Modality modality) {
        this.findings = findings;
        this.modality = modality;
    }

    void check(InputSpec input) {
        String key = "inputs." + input.name();
        String kindKey = key + "." + kindOf(input);
        findings.require(!input.name().isBlank(), key, "it has no name; write its key in the model's signature");
        findings.require(
                readsFrom(modality, input),
                key,
                "%s cannot be filled from a payload of modality %s"
                        .formatted(kindOf(input), CardNode.wordOf(modality)));
        if (input instanceof Image image) {
            image(kindKey, image);
        } else if (input instanceof Waveform waveform) {
            waveform(kindKey, waveform);
        } else if (input instanceof Tokens tokens) {
            tokens(kindKey, tokens);
        } else if (input instanceof Features features) {
            features(kindKey, features.features());
        } else if (input instanceof Category category) {
            findings.require(!category.feature().isBlank(), kindKey + ".feature", "it has no name");
        } else if (input instanceof Constant constant) {
            findings.require(
                    Double.isFinite(constant.value()),
                    kindKey,
                    "%s must be a finite number".formatted(constant.value()));
        }
    }

    /** The word that a card has for this kind of input. */
    static String kindOf(InputSpec input) {
        if (input instanceof Tokens tokens) {
            return switch (tokens.part()) {
                case IDS -> "tokens";
                case MASK -> "token-mask";
                case SEGMENTS -> "token-segments";
            };
        }
        return input.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static boolean readsFrom(Modality modality, InputSpec input) {
        if (input instanceof Constant) {
            return true;
        }
        return switch (modality) {
            case IMAGE -> input instanceof Image || input instanceof Encoded;
            case AUDIO -> input instanceof Waveform || input instanceof Encoded;
            case TEXT -> input instanceof Text || input instanceof Tokens;
            case RECORD -> input instanceof Features || input instanceof Category;
            // Written wrongly, and reported as that.
            case UNKNOWN -> true;
        };
    }

    private void image(String key, Image image) {
        findings.requireBetween(1, image.width(), LARGEST_SIDE, key + ".width", " pixels");
        findings.requireBetween(1, image.height(), LARGEST_SIDE, key + ".height", " pixels");
        int channels = image.channels();
        findings.require(
                channels == 1 || channels == 3 || channels == 4,
                key + ".channels",
                "%d must be 1 (grey), 3 (colours) or 4 (colours and opacity)".formatted(channels));
        PixelScale scale = image.scale();
        String scaleKey = key + ".scale";
        findings.require(
                Double.isFinite(scale.low()) && Double.isFinite(scale.high()) && scale.low() < scale.high(),
                scaleKey + ".range",
                "[%s, %s] must be two numbers, the lower one first".formatted(scale.low(), scale.high()));
        perChannel(scaleKey + ".mean", scale.mean(), channels);
        perChannel(scaleKey + ".deviation", scale.deviation(), channels);
        findings.require(
                scale.deviation().stream().allMatch(deviation -> deviation > 0),
                scaleKey + ".deviation",
                "%s must be above 0".formatted(scale.deviation()));
        findings.require(
                image.type().hasFractions() || scale.equals(CardInputs.usualScale(image.type())),
                scaleKey,
                "%s holds no fractions: leave the scale out, which keeps pixels as they are"
                        .formatted(CardNode.wordOf(image.type())));
        findings.require(
                image.type() != NumberType.BOOL, key + ".type", "bool does not hold pixels; write float32 or uint8");
    }

    private void perChannel(String key, List<Double> values, int channels) {
        findings.require(
                values.isEmpty() || values.size() == channels,
                key,
                "there are %d numbers; write one for each of the %d channels, or one for all"
                        .formatted(values.size(), channels));
        findings.require(
                values.stream().allMatch(Double::isFinite), key, "%s must be finite numbers".formatted(values));
    }

    private void waveform(String key, Waveform waveform) {
        findings.requireBetween(1, waveform.sampleRate(), HIGHEST_SAMPLE_RATE, key + ".sample-rate", " hertz");
        findings.requireBetween(0, waveform.samples(), LONGEST_CLIP, key + ".samples", ", 0 for as long as it is");
        findings.require(
                waveform.type().hasFractions(),
                key + ".type",
                "%s holds no fractions; write float32, float64, float16 or bfloat16"
                        .formatted(CardNode.wordOf(waveform.type())));
    }

    private void tokens(String key, Tokens tokens) {
        findings.require(
                tokens.type() == NumberType.INT32 || tokens.type() == NumberType.INT64,
                key + ".type",
                "%s does not hold every token id; write int32 or int64".formatted(CardNode.wordOf(tokens.type())));
        if (tokens.part() != Tokens.Part.IDS) {
            return; // The rest is that of the ids, and checked there.
        }
        findings.require(
                BundlePaths.isInside(tokens.vocabulary()),
                key + ".vocabulary",
                "'%s' must be a file of the bundle by its path from the bundle's directory, such as vocabulary.txt"
                        .formatted(tokens.vocabulary()));
        int edges = (tokens.start().isEmpty() ? 0 : 1) + (tokens.end().isEmpty() ? 0 : 1);
        findings.requireBetween(edges + 1, tokens.length(), LONGEST_TEXT, key + ".length", " tokens");
        int shortest = edges + 1;
        for (int bucket : tokens.buckets()) {
            findings.requireBetween(
                    shortest,
                    bucket,
                    tokens.length() - 1,
                    key + ".buckets",
                    " tokens, each longer than the one before");
            shortest = bucket + 1;
        }
        findings.requireAtLeast(0, tokens.padding(), key + ".padding");
        findings.require(!tokens.unknown().isEmpty(), key + ".unknown", "it is empty; write a token of the vocabulary");
    }

    private void features(String key, List<Feature> features) {
        findings.requireBetween(1, features.size(), MOST_FEATURES, key, " features");
        Set<String> seen = new HashSet<>();
        for (int index = 0; index < features.size(); index++) {
            Feature feature = features.get(index);
            String place = "%s[%d]".formatted(key, index);
            findings.require(!feature.name().isBlank(), place, "it has no name");
            findings.require(
                    seen.add(feature.name()),
                    place,
                    "'%s' is there twice; each must be another".formatted(feature.name()));
            if (!feature.categories().isEmpty()) {
                findings.requireLabels(place + ".categories", feature.categories());
            }
            feature.missing()
                    .ifPresent(value -> findings.require(
                            !Double.isInfinite(value),
                            place + ".missing",
                            "%s must be a number or .nan".formatted(value)));
        }
    }
}
