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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Reads a card's {@code inputs}: a key of the signature, then one kind, such as {@code pixels: {image: {width: 28,
 * height: 28}}}. A kind that needs nothing said may stand alone: {@code comment: text}.
 */
final class CardInputs {
    private static final String KINDS =
            "image, encoded, waveform, text, tokens, token-mask, token-segments, features, category, constant";

    private final Map<String, Tokens> tokens = new HashMap<>();

    private CardInputs() {}

    static List<InputSpec> read(CardNode node) {
        CardInputs reading = new CardInputs();
        List<InputSpec> inputs = new ArrayList<>();
        Map<String, CardNode> entries = node.entries();
        // Masks and segments name another input, which may be written after them.
        entries.forEach((name, input) -> reading.rememberTokens(name, input));
        entries.forEach((name, input) -> reading.input(name, input).ifPresent(inputs::add));
        return inputs;
    }

    private void rememberTokens(String name, CardNode input) {
        if (input.isMapping()) {
            CardNode node = input.entries().get("tokens");
            if (node != null) {
                tokens.put(name, tokens(name, node));
            }
        }
    }

    private Optional<InputSpec> input(String name, CardNode input) {
        if (!input.isMapping()) {
            return input.text().flatMap(kind -> alone(name, kind, input));
        }
        Map<String, CardNode> kinds = input.entries();
        if (kinds.size() != 1) {
            input.problem("has %d kinds; write one of %s".formatted(kinds.size(), KINDS));
            return Optional.empty();
        }
        Map.Entry<String, CardNode> kind = kinds.entrySet().iterator().next();
        CardNode node = kind.getValue();
        return switch (kind.getKey()) {
            case "image" -> Optional.of(image(name, node));
            case "encoded" -> Optional.of(encoded(name, node));
            case "waveform" -> Optional.of(waveform(name, node));
            case "text" -> Optional.of(text(name, node));
            case "tokens" -> Optional.ofNullable(tokens.get(name));
            case "token-mask" -> companion(name, node, Tokens.Part.MASK);
            case "token-segments" -> companion(name, node, Tokens.Part.SEGMENTS);
            case "features" -> Optional.of(features(name, node));
            case "category" -> Optional.of(category(name, node));
            case "constant" -> Optional.of(constant(name, node));
            default -> {
                node.keyProblem("there is no such kind of input; write one of %s".formatted(KINDS));
                yield Optional.empty();
            }
        };
    }

    private static Optional<InputSpec> alone(String name, String kind, CardNode input) {
        return switch (kind) {
            case "encoded" -> Optional.of(new Encoded(name));
            case "text" -> Optional.of(new Text(name, false));
            case "category" -> Optional.of(new Category(name, name, ""));
            default -> {
                input.problem("'%s' cannot stand alone: write one of %s with its settings".formatted(kind, KINDS));
                yield Optional.empty();
            }
        };
    }

    private static Image image(String name, CardNode node) {
        CardFields fields = node.fields();
        int width = fields.required("width").flatMap(CardNode::integer).orElse(1);
        int height = fields.required("height").flatMap(CardNode::integer).orElse(1);
        int channels = fields.optional("channels").flatMap(CardNode::integer).orElse(3);
        NumberType type = type(fields, NumberType.FLOAT32);
        PixelScale scale = fields.optional("scale")
                .map(value -> scale(value, type, channels))
                .orElse(usualScale(type));
        Image image = new Image(
                name,
                width,
                height,
                channels,
                type,
                scale,
                choice(fields, "resize", Image.Resize.BILINEAR),
                choice(fields, "fit", Image.Fit.STRETCH),
                choice(fields, "channel-order", Image.ChannelOrder.RGB),
                choice(fields, "layout", Image.Layout.CHANNELS_LAST));
        fields.refuseOthers();
        return image;
    }

    /** 0 to 1 for numbers that have fractions; pixels as they are for those that have not. */
    static PixelScale usualScale(NumberType type) {
        return new PixelScale(0, type.hasFractions() ? 1 : 255, List.of(), List.of());
    }

    private static PixelScale scale(CardNode node, NumberType type, int channels) {
        CardFields fields = node.fields();
        PixelScale usual = usualScale(type);
        List<Double> range =
                fields.optional("range").map(CardInputs::numbers).orElse(List.of(usual.low(), usual.high()));
        if (range.size() != 2) {
            node.problem("range has %d numbers; write two, such as [0, 1]".formatted(range.size()));
            range = List.of(usual.low(), usual.high());
        }
        PixelScale scale = new PixelScale(
                range.get(0),
                range.get(1),
                perChannel(fields, "mean", channels),
                perChannel(fields, "deviation", channels));
        fields.refuseOthers();
        return scale;
    }

    /** One number for each channel, or one for all. */
    private static List<Double> perChannel(CardFields fields, String name, int channels) {
        Optional<CardNode> node = fields.optional(name);
        if (node.isEmpty()) {
            return List.of();
        }
        if (node.get().isList()) {
            return numbers(node.get());
        }
        return node.get()
                .number()
                .map(number -> IntStream.range(0, Math.max(channels, 0))
                        .mapToObj(channel -> number)
                        .toList())
                .orElse(List.of());
    }

    private static List<Double> numbers(CardNode node) {
        return node.items().stream().flatMap(item -> item.number().stream()).toList();
    }

    private static Encoded encoded(String name, CardNode node) {
        fieldsOrNothing(node).ifPresent(CardFields::refuseOthers);
        return new Encoded(name);
    }

    private static Waveform waveform(String name, CardNode node) {
        CardFields fields = node.fields();
        Waveform waveform = new Waveform(
                name,
                fields.required("sample-rate").flatMap(CardNode::integer).orElse(1),
                fields.optional("samples").flatMap(CardNode::integer).orElse(0),
                type(fields, NumberType.FLOAT32));
        fields.refuseOthers();
        return waveform;
    }

    private static Text text(String name, CardNode node) {
        boolean lowerCase = false;
        Optional<CardFields> fields = fieldsOrNothing(node);
        if (fields.isPresent()) {
            lowerCase = flag(fields.get(), "lower-case");
            fields.get().refuseOthers();
        }
        return new Text(name, lowerCase);
    }

    private static Tokens tokens(String name, CardNode node) {
        CardFields fields = node.fields();
        Tokens tokens = new Tokens(
                name,
                Tokens.Part.IDS,
                fields.required("vocabulary").flatMap(CardNode::text).orElse(""),
                fields.required("tokenizer")
                        .flatMap(value -> value.choice(Tokens.Tokenizer.class))
                        .orElse(Tokens.Tokenizer.WHITESPACE),
                flag(fields, "lower-case"),
                fields.required("length").flatMap(CardNode::integer).orElse(1),
                buckets(fields),
                fields.optional("padding").flatMap(CardNode::integer).orElse(0),
                fields.optional("unknown").flatMap(CardNode::text).orElse("[UNK]"),
                fields.optional("start").flatMap(CardNode::text).orElse(""),
                fields.optional("end").flatMap(CardNode::text).orElse(""),
                type(fields, NumberType.INT32));
        fields.refuseOthers();
        return tokens;
    }

    private static List<Integer> buckets(CardFields fields) {
        return fields.optional("buckets").map(CardNode::items).orElse(List.of()).stream()
                .flatMap(bucket -> bucket.integer().stream())
                .toList();
    }

    /** What belongs to the token ids of another input, which are described there. */
    private Optional<InputSpec> companion(String name, CardNode node, Tokens.Part part) {
        CardFields fields = node.fields();
        Optional<CardNode> of = fields.required("of");
        NumberType type = type(fields, NumberType.INT32);
        fields.refuseOthers();
        Optional<String> owner = of.flatMap(CardNode::text);
        if (owner.isEmpty()) {
            return Optional.empty();
        }
        Tokens ids = tokens.get(owner.get());
        if (ids == null) {
            of.get().problem("there is no input '%s' of kind tokens in this card".formatted(owner.get()));
            return Optional.empty();
        }
        return Optional.of(new Tokens(
                name,
                part,
                ids.vocabulary(),
                ids.tokenizer(),
                ids.lowerCase(),
                ids.length(),
                ids.buckets(),
                ids.padding(),
                ids.unknown(),
                ids.start(),
                ids.end(),
                type));
    }

    /** Either the features in order, or those with settings. */
    private static Features features(String name, CardNode node) {
        if (node.isList()) {
            return new Features(name, ordered(node), NumberType.FLOAT32);
        }
        CardFields fields = node.fields();
        NumberType type = type(fields, NumberType.FLOAT32);
        Optional<CardNode> order = fields.optional("order");
        Optional<CardNode> count = fields.optional("count");
        fields.refuseOthers();
        if (node.isMapping() && order.isPresent() == count.isPresent()) {
            node.problem("write either 'order' with the names of the features, or 'count' for f0, f1 and so on");
        }
        order.ifPresent(list -> list.placeItemsAs(node.key()));
        List<Feature> features = order.map(CardInputs::ordered).orElseGet(() -> count.flatMap(CardNode::integer)
                .map(CardInputs::numbered)
                .orElse(List.of()));
        return new Features(name, features, type);
    }

    static List<Feature> numbered(int count) {
        // A larger one is refused by the checks, and need not be made for that.
        int made = Math.min(count, InputChecks.MOST_FEATURES + 1);
        return IntStream.range(0, made)
                .mapToObj(number -> new Feature("f" + number, OptionalDouble.empty(), List.of()))
                .toList();
    }

    private static List<Feature> ordered(CardNode node) {
        return node.items().stream().map(CardInputs::feature).toList();
    }

    private static Feature feature(CardNode node) {
        if (!node.isMapping()) {
            return new Feature(node.text().orElse(""), OptionalDouble.empty(), List.of());
        }
        CardFields fields = node.fields();
        Optional<Double> missing = fields.optional("missing").flatMap(CardNode::number);
        Feature feature = new Feature(
                fields.required("name").flatMap(CardNode::text).orElse(""),
                missing.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                fields.optional("categories").map(CardNode::texts).orElse(List.of()));
        fields.refuseOthers();
        return feature;
    }

    private static Category category(String name, CardNode node) {
        String feature = name;
        String missing = "";
        Optional<CardFields> fields = fieldsOrNothing(node);
        if (fields.isPresent()) {
            feature = fields.get().optional("feature").flatMap(CardNode::text).orElse(name);
            missing = fields.get().optional("missing").flatMap(CardNode::text).orElse("");
            fields.get().refuseOthers();
        }
        return new Category(name, feature, missing);
    }

    /** Either the value alone or with its type. */
    private static Constant constant(String name, CardNode node) {
        if (!node.isMapping()) {
            return constant(name, node, Optional.empty());
        }
        CardFields fields = node.fields();
        Optional<CardNode> value = fields.required("value");
        Optional<NumberType> type = fields.optional("type").flatMap(written -> written.choice(NumberType.class));
        fields.refuseOthers();
        return value.map(written -> constant(name, written, type))
                .orElse(new Constant(name, 0, type.orElse(NumberType.FLOAT32)));
    }

    private static Constant constant(String name, CardNode value, Optional<NumberType> type) {
        Optional<Boolean> truth = value.ifBoolean();
        if (truth.isPresent()) {
            return new Constant(name, truth.get() ? 1 : 0, type.orElse(NumberType.BOOL));
        }
        return new Constant(name, value.number().orElse(0.0), type.orElse(NumberType.FLOAT32));
    }

    /** For kinds that need nothing said: {@code text:} and {@code text: {}} are the same. */
    private static Optional<CardFields> fieldsOrNothing(CardNode node) {
        return node.isNothing() ? Optional.empty() : Optional.of(node.fields());
    }

    private static boolean flag(CardFields fields, String name) {
        return fields.optional(name).flatMap(CardNode::flag).orElse(false);
    }

    private static NumberType type(CardFields fields, NumberType usual) {
        return choice(fields, "type", usual);
    }

    private static <E extends Enum<E>> E choice(CardFields fields, String name, E usual) {
        return fields.optional(name)
                .flatMap(value -> value.choice(usual.getDeclaringClass()))
                .orElse(usual);
    }
}
