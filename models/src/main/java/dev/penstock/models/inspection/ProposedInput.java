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

    /** Smaller ones are sizes of something else. */
    private static final long SMALLEST_SIDE = 8;

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
        } else if (isSwitch(input, all)) {
            return constant(input);
        }
        return features(input, all);
    }

    /** One value for a call where other inputs have one for each row, such as a dropout rate. */
    private static boolean isSwitch(Input input, List<Input> all) {
        boolean scalar = input.shape().filter(List::isEmpty).isPresent();
        return scalar
                && (input.type().equals("bool")
                        || all.stream()
                                .anyMatch(other ->
                                        !other.shape().filter(List::isEmpty).isPresent()));
    }

    /** A switch, as it is for serving: nothing is dropped, everything is kept. */
    static ProposedInput constant(Input input) {
        boolean keeps = input.key().toLowerCase(Locale.ROOT).contains("keep");
        String value = input.type().equals("bool") ? "false" : keeps ? "1.0" : "0.0";
        return new ProposedInput(
                input.key(), "constant", value, List.of("the value that it has when the model serves"));
    }

    private static boolean isImage(Input input) {
        return isNumber(input) && !isInteger(input) && frame(input).isPresent();
    }

    /** Sizes of one image. */
    private record Frame(long height, long width, long channels, boolean channelsFirst) {}

    /**
     * Of rows with one, three or four channels first or last, or without; or of one image, whose size is not that of a
     * batch.
     */
    private static Optional<Frame> frame(Input input) {
        List<Long> shape = input.shape().orElse(List.of());
        if (shape.size() == 4) {
            return framed(shape.subList(1, 4));
        } else if (shape.size() != 3) {
            return Optional.empty();
        } else if (shape.get(0) > 1 && CHANNELS.contains(shape.get(2))) {
            return framed(shape).filter(frame -> frame.height() >= SMALLEST_SIDE && frame.width() >= SMALLEST_SIDE);
        }
        return shape.get(1) >= SMALLEST_SIDE && shape.get(2) >= SMALLEST_SIDE
                ? Optional.of(new Frame(shape.get(1), shape.get(2), 1, false))
                : Optional.empty();
    }

    private static Optional<Frame> framed(List<Long> sizes) {
        if (CHANNELS.contains(sizes.get(2))) {
            return Optional.of(new Frame(sizes.get(0), sizes.get(1), sizes.get(2), false));
        }
        return CHANNELS.contains(sizes.get(0))
                ? Optional.of(new Frame(sizes.get(1), sizes.get(2), sizes.get(0), true))
                : Optional.empty();
    }

    private static ProposedInput image(Input input) {
        Frame frame = frame(input).orElseThrow();
        long height = frame.height();
        long width = frame.width();
        long channels = frame.channels();
        boolean first = frame.channelsFirst();
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
        List<String> checks = new ArrayList<>();
        checks.add("the tokenizer, its vocabulary, and the tokens for start, end and unknown words");
        if (length < 0) {
            checks.add("the length, which the model leaves open");
        }
        return new ProposedInput(
                input.key(),
                "tokens",
                "{vocabulary: vocabulary.txt, tokenizer: wordpiece, length: %d%s}"
                        .formatted(length < 0 ? USUAL_TOKENS : length, typeUnless("int32", input)),
                checks);
    }

    /** What BERT and its kin call the inputs that go with token ids. */
    private static Optional<String> companionKind(Input input) {
        String key = input.key().toLowerCase(Locale.ROOT);
        if (key.contains("mask")) {
            return Optional.of("token-mask");
        }
        return key.contains("type") || key.contains("segment") ? Optional.of("token-segments") : Optional.empty();
    }

    private static ProposedInput features(Input input, List<Input> all) {
        List<Long> row = row(input, all);
        long count = row.stream().reduce(1L, (left, right) -> product(left, Math.max(right, 1)));
        List<String> checks = new ArrayList<>();
        checks.add(
                count == 1
                        ? "the name of the feature"
                        : "the names of the features, in order: 'order: [amount, age]' instead of 'count'");
        if (input.shape().isEmpty() || row.contains(-1L)) {
            checks.add("how many there are, which the model leaves open");
        }
        long side = Math.round(Math.sqrt((double) count));
        if (count >= 64 && side * side == count) {
            checks.add("whether it is an image of %d × %d pixels".formatted(side, side));
        }
        boolean one = count == 1 && input.shape().isPresent() && !row.contains(-1L);
        String features = one ? "order: [%s]".formatted(YamlText.of(input.key())) : "count: " + count;
        return new ProposedInput(
                input.key(), "features", "{%s%s}".formatted(features, typeUnless("float32", input)), checks);
    }

    /** Sizes of one row: all but the first, unless nothing is left then but a size that no other input has as a batch. */
    private static List<Long> row(Input input, List<Input> all) {
        List<Long> shape = input.shape().orElse(List.of(-1L, -1L));
        boolean unbatched = shape.size() == 1
                && shape.get(0) > 1
                && all.stream()
                        .filter(other -> !other.equals(input))
                        .flatMap(other -> other.shape().stream())
                        .noneMatch(other -> !other.isEmpty() && other.get(0).equals(shape.get(0)));
        return unbatched || shape.isEmpty() ? shape : shape.subList(1, shape.size());
    }

    /** Hostile sizes must not come round to small ones. */
    private static long product(long left, long right) {
        return right > Long.MAX_VALUE / left ? Long.MAX_VALUE : left * right;
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
