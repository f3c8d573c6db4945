package dev.penstock.models.inspection;

import dev.penstock.models.card.YamlText;
import dev.penstock.models.tensorflow.SavedModelDescription.Input;
import dev.penstock.models.tensorflow.SavedModelDescription.Use;
import dev.penstock.schemas.Modality;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What an input probably is.
 *
 * @param settings of its kind, as in a card; empty if it needs none
 * @param checks what a person must look at
 */
record ProposedInput(String key, String kind, String settings, List<String> checks) {
    private static final Set<Long> CHANNELS = Set.of(1L, 3L, 4L);

    /** Where a size is left open. */
    private static final long USUAL_SIDE = 224;

    private static final long USUAL_TOKENS = 128;
    private static final long USUAL_RATE = 16_000;

    ProposedInput {
        checks = List.copyOf(checks);
    }

    /** The kind of payload that could fill all of them. */
    static Modality modalityOf(List<Input> inputs) {
        if (inputs.stream().anyMatch(input -> isImage(input) || input.use() == Use.IMAGE_FILE)) {
            return Modality.IMAGE;
        } else if (inputs.stream().anyMatch(input -> isWaveform(input) || input.use() == Use.AUDIO_FILE)) {
            return Modality.AUDIO;
        } else if (inputs.stream().allMatch(ProposedInput::isTokens)
                || (inputs.size() == 1 && inputs.get(0).use() == Use.TEXT)) {
            return Modality.TEXT;
        }
        return Modality.RECORD;
    }

    static ProposedInput of(Input input, List<Input> all, Modality modality) {
        if (isImage(input)) {
            return image(input);
        } else if (input.use() == Use.IMAGE_FILE || input.use() == Use.AUDIO_FILE) {
            return new ProposedInput(input.key(), "encoded", "", List.of());
        } else if (isWaveform(input)) {
            return waveform(input);
        } else if (modality == Modality.TEXT) {
            return isTokens(input) ? tokens(input, all) : new ProposedInput(input.key(), "text", "", List.of());
        } else if (input.use() == Use.TEXT) {
            return new ProposedInput(input.key(), "category", "", List.of("it takes any text"));
        } else if (input.type().equals("bool")) {
            return new ProposedInput(input.key(), "constant", "false", List.of("whether it is a switch"));
        }
        return features(input);
    }

    /** Four sizes with one, three or four channels first or last, or three without. */
    private static boolean isImage(Input input) {
        List<Long> shape = input.shape().orElse(List.of());
        boolean pixels = isNumber(input) && !isInteger(input);
        if (shape.size() == 4) {
            return pixels && (CHANNELS.contains(shape.get(3)) || CHANNELS.contains(shape.get(1)));
        }
        return pixels && shape.size() == 3 && shape.get(1) >= 8 && shape.get(2) >= 8;
    }

    private static ProposedInput image(Input input) {
        List<Long> shape = input.shape().orElseThrow();
        boolean grey = shape.size() == 3;
        boolean first = !grey && !CHANNELS.contains(shape.get(3));
        long height = shape.get(first ? 2 : 1);
        long width = shape.get(first ? 3 : 2);
        long channels = grey ? 1 : shape.get(first ? 1 : 3);
        List<String> checks = new ArrayList<>();
        if (height < 0 || width < 0) {
            checks.add("the size, which the model leaves open");
        }
        boolean whole = input.type().equals("uint8");
        if (!whole) {
            checks.add("the scale that it was trained with: range [0, 1], [-1, 1], [0, 255], mean and deviation");
        }
        if (channels == 3) {
            checks.add("the channel order, rgb or bgr");
        }
        String settings = "{width: %d, height: %d, channels: %d%s%s%s}"
                .formatted(
                        width < 0 ? USUAL_SIDE : width,
                        height < 0 ? USUAL_SIDE : height,
                        channels,
                        typeUnless("float32", input),
                        whole ? "" : ", scale: {range: [0, 1]}",
                        first ? ", layout: channels-first" : "");
        return new ProposedInput(input.key(), "image", settings, checks);
    }

    private static boolean isWaveform(Input input) {
        List<Long> shape = input.shape().orElse(List.of());
        String key = input.key().toLowerCase(Locale.ROOT);
        boolean named = key.contains("wave") || key.contains("audio") || key.contains("pcm") || key.contains("sound");
        return named && isNumber(input) && !isInteger(input) && !shape.isEmpty() && shape.size() <= 3;
    }

    private static ProposedInput waveform(Input input) {
        long samples = input.shape().orElseThrow().stream()
                .skip(1)
                .filter(size -> size > 1)
                .findFirst()
                .orElse(0L);
        String settings = "{sample-rate: %d%s%s}"
                .formatted(USUAL_RATE, samples == 0 ? "" : ", samples: " + samples, typeUnless("float32", input));
        return new ProposedInput(
                input.key(), "waveform", settings, List.of("the sample rate in hertz that it was trained with"));
    }

    private static boolean isTokens(Input input) {
        return isInteger(input) && input.shape().map(shape -> shape.size() == 2).orElse(false);
    }

    private static ProposedInput tokens(Input input, List<Input> all) {
        Optional<Input> ids =
                all.stream().filter(other -> companionKind(other).isEmpty()).findFirst();
        Optional<String> companion = companionKind(input);
        if (companion.isPresent() && ids.isPresent()) {
            String settings = "{of: %s%s}".formatted(YamlText.of(ids.get().key()), typeUnless("int32", input));
            return new ProposedInput(input.key(), companion.get(), settings, List.of());
        }
        long length = input.shape().orElseThrow().get(1);
        return new ProposedInput(
                input.key(),
                "tokens",
                "{vocabulary: vocabulary.txt, tokenizer: wordpiece, length: %d%s}"
                        .formatted(length < 0 ? USUAL_TOKENS : length, typeUnless("int32", input)),
                List.of("the tokenizer, its vocabulary, and the tokens for start, end and unknown words"));
    }

    /** What BERT and its kin call the inputs that go with token ids. */
    private static Optional<String> companionKind(Input input) {
        String key = input.key().toLowerCase(Locale.ROOT);
        if (key.contains("mask")) {
            return Optional.of("token-mask");
        }
        return key.contains("type") || key.contains("segment") ? Optional.of("token-segments") : Optional.empty();
    }

    private static ProposedInput features(Input input) {
        List<Long> shape = input.shape().orElse(List.of());
        long count = shape.stream().skip(1).reduce(1L, (left, right) -> left * Math.max(right, 1));
        List<String> checks = new ArrayList<>();
        checks.add("the names of the features, in order: 'order: [amount, age]' instead of 'count'");
        if (input.shape().isEmpty() || shape.lastIndexOf(-1L) > 0) {
            checks.add("how many there are, which the model leaves open");
        }
        long side = Math.round(Math.sqrt((double) count));
        if (count >= 64 && side * side == count) {
            checks.add("whether it is an image of %d × %d pixels".formatted(side, side));
        }
        String settings = count == 1 && shape.size() <= 1
                ? "[%s]".formatted(YamlText.of(input.key()))
                : "{count: %d%s}".formatted(count, typeUnless("float32", input));
        return new ProposedInput(input.key(), "features", settings, checks);
    }

    private static boolean isNumber(Input input) {
        return input.use() == Use.NUMBERS && !input.type().equals("bool");
    }

    private static boolean isInteger(Input input) {
        return input.type().equals("int32") || input.type().equals("int64");
    }

    private static String typeUnless(String usual, Input input) {
        return input.type().equals(usual) ? "" : ", type: " + input.type();
    }

    List<String> yaml() {
        List<String> lines = new ArrayList<>();
        checks.forEach(check -> lines.add("  # check: " + check));
        if (settings.isEmpty()) {
            lines.add("  %s: %s".formatted(YamlText.of(key), kind));
        } else {
            lines.add("  %s:".formatted(YamlText.of(key)));
            lines.add("    %s: %s".formatted(kind, settings));
        }
        return lines;
    }
}
