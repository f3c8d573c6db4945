package dev.penstock.models.card;

import dev.penstock.models.card.InputSpec.Category;
import dev.penstock.models.card.InputSpec.Constant;
import dev.penstock.models.card.InputSpec.Encoded;
import dev.penstock.models.card.InputSpec.Features;
import dev.penstock.models.card.InputSpec.Image;
import dev.penstock.models.card.InputSpec.Text;
import dev.penstock.models.card.InputSpec.Tokens;
import dev.penstock.models.card.InputSpec.Waveform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes {@code model-card.yaml} as {@link ModelCardReader} reads it, without what goes without saying. */
public final class ModelCardWriter {
    private final ModelCard card;
    private final StringBuilder yaml = new StringBuilder();

    private ModelCardWriter(ModelCard card) {
        this.card = card;
    }

    /**
     * The same card always gives the same text.
     *
     * @throws InvalidModelCardException if the card could not be read back
     */
    public static String write(ModelCard card) {
        ModelCardWriter writer = new ModelCardWriter(card);
        writer.head();
        writer.inputs();
        writer.outputs();
        writer.rest();
        String yaml = writer.yaml.toString();
        ModelCardReader.read(yaml);
        return yaml;
    }

    private void head() {
        line("card-version: %d".formatted(ModelCardReader.VERSION));
        line("name: %s".formatted(YamlText.of(card.name())));
        line("version: %d".formatted(card.version()));
        if (!card.description().isEmpty()) {
            line("description: %s".formatted(YamlText.of(card.description())));
        }
        line("task: %s".formatted(CardNode.wordOf(card.task())));
        line("modality: %s".formatted(CardNode.wordOf(card.modality())));
        line("labels: %s".formatted(YamlText.of(card.labels())));
        card.signature().ifPresent(signature -> line("signature: %s".formatted(YamlText.of(signature))));
        if (!card.tags().isEmpty()) {
            line("tags: %s".formatted(YamlText.of(card.tags().stream().sorted().toList())));
        }
        card.fixedBatch().ifPresent(rows -> line("fixed-batch: %d".formatted(rows)));
    }

    private void inputs() {
        line("inputs:");
        for (InputSpec input : card.inputs()) {
            String settings = settings(input);
            String kind = InputChecks.kindOf(input);
            if (settings.isEmpty()) {
                line("  %s: %s".formatted(YamlText.of(input.name()), kind));
            } else {
                line("  %s:".formatted(YamlText.of(input.name())));
                line("    %s: %s".formatted(kind, settings));
            }
        }
    }

    /** Empty if there is nothing to say about it. */
    private String settings(InputSpec input) {
        if (input instanceof Image image) {
            return image(image);
        } else if (input instanceof Waveform waveform) {
            YamlText.Flow flow = new YamlText.Flow().add("sample-rate", waveform.sampleRate());
            if (waveform.samples() != 0) {
                flow.add("samples", waveform.samples());
            }
            return flow.unless("type", waveform.type(), NumberType.FLOAT32).toString();
        } else if (input instanceof Text text) {
            return text.lowerCase()
                    ? new YamlText.Flow().add("lower-case", true).toString()
                    : "";
        } else if (input instanceof Tokens tokens) {
            return tokens.part() == Tokens.Part.IDS ? tokens(tokens) : companion(tokens);
        } else if (input instanceof Features features) {
            return features(features);
        } else if (input instanceof Category category) {
            return category(category);
        } else if (input instanceof Constant constant) {
            return new YamlText.Flow()
                    .add("value", constant.value())
                    .unless("type", constant.type(), NumberType.FLOAT32)
                    .toString();
        } else if (input instanceof Encoded) {
            return "";
        }
        throw new IllegalStateException("Cannot write unknown kind of input: " + input);
    }

    private static String image(Image image) {
        YamlText.Flow flow = new YamlText.Flow()
                .add("width", image.width())
                .add("height", image.height())
                .add("channels", image.channels())
                .unless("type", image.type(), NumberType.FLOAT32);
        if (!image.scale().equals(CardInputs.usualScale(image.type()))) {
            InputSpec.PixelScale scale = image.scale();
            YamlText.Flow numbers = new YamlText.Flow().add("range", List.of(scale.low(), scale.high()));
            if (!scale.mean().isEmpty()) {
                numbers.add("mean", scale.mean());
            }
            if (!scale.deviation().isEmpty()) {
                numbers.add("deviation", scale.deviation());
            }
            flow.add("scale", numbers);
        }
        return flow.unless("resize", image.resize(), Image.Resize.BILINEAR)
                .unless("fit", image.fit(), Image.Fit.STRETCH)
                .unless("channel-order", image.channelOrder(), Image.ChannelOrder.RGB)
                .unless("layout", image.layout(), Image.Layout.CHANNELS_LAST)
                .toString();
    }

    private static String tokens(Tokens tokens) {
        YamlText.Flow flow = new YamlText.Flow()
                .add("vocabulary", tokens.vocabulary())
                .add("tokenizer", CardNode.wordOf(tokens.tokenizer()))
                .add("length", tokens.length());
        if (!tokens.buckets().isEmpty()) {
            flow.add("buckets", tokens.buckets());
        }
        if (tokens.lowerCase()) {
            flow.add("lower-case", true);
        }
        if (tokens.padding() != 0) {
            flow.add("padding", tokens.padding());
        }
        flow.add("unknown", tokens.unknown());
        if (!tokens.start().isEmpty()) {
            flow.add("start", tokens.start());
        }
        if (!tokens.end().isEmpty()) {
            flow.add("end", tokens.end());
        }
        return flow.unless("type", tokens.type(), NumberType.INT32).toString();
    }

    /** Names the token ids that it belongs to: those of the same settings. */
    private String companion(Tokens companion) {
        String owner = card.inputs().stream()
                .filter(Tokens.class::isInstance)
                .map(Tokens.class::cast)
                .filter(ids -> ids.part() == Tokens.Part.IDS && ids.length() == companion.length())
                .filter(ids -> ids.vocabulary().equals(companion.vocabulary()))
                .map(Tokens::name)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Cannot write input '%s' of model '%s': it belongs to token ids, and there are none of its length and vocabulary"
                                .formatted(companion.name(), card.name())));
        return new YamlText.Flow()
                .add("of", owner)
                .unless("type", companion.type(), NumberType.INT32)
                .toString();
    }

    private static String features(Features features) {
        List<InputSpec.Feature> order = features.features();
        YamlText.Flow flow = new YamlText.Flow();
        if (order.equals(CardInputs.numbered(order.size()))) {
            flow.add("count", order.size());
        } else {
            List<Object> written = new ArrayList<>();
            order.forEach(feature -> written.add(feature(feature)));
            if (features.type() == NumberType.FLOAT32) {
                return YamlText.of(written);
            }
            flow.add("order", written);
        }
        return flow.unless("type", features.type(), NumberType.FLOAT32).toString();
    }

    private static Object feature(InputSpec.Feature feature) {
        if (feature.missing().isEmpty() && feature.categories().isEmpty()) {
            return feature.name();
        }
        YamlText.Flow flow = new YamlText.Flow().add("name", feature.name());
        feature.missing().ifPresent(missing -> flow.add("missing", missing));
        if (!feature.categories().isEmpty()) {
            flow.add("categories", feature.categories());
        }
        return flow;
    }

    private static String category(Category category) {
        YamlText.Flow flow = new YamlText.Flow();
        if (!category.feature().equals(category.name())) {
            flow.add("feature", category.feature());
        }
        if (!category.missing().isEmpty()) {
            flow.add("missing", category.missing());
        }
        return flow.isEmpty() ? "" : flow.toString();
    }

    private void outputs() {
        line("outputs:");
        boolean only = card.outputs().size() == 1;
        for (OutputSpec output : card.outputs()) {
            YamlText.Flow flow = new YamlText.Flow().add("kind", CardNode.wordOf(output.kind()));
            if (output.deciding() != only) {
                flow.add("deciding", output.deciding());
            }
            if (!output.labels().equals(card.labels())) {
                flow.add("labels", output.labels());
            }
            if (output.highest() != ModelCardReader.USUAL_HIGHEST) {
                flow.add("highest", output.highest());
            }
            String written = flow.size() == 1 ? CardNode.wordOf(output.kind()) : flow.toString();
            line("  %s: %s".formatted(YamlText.of(output.name()), written));
        }
    }

    private void rest() {
        DecisionPolicy decision = card.decision();
        if (!decision.equals(DecisionPolicy.usual())) {
            line("decision:");
            line("  version: %d".formatted(decision.version()));
            line("  threshold: %s".formatted(YamlText.of(decision.threshold())));
            line("  abstain-below: %s".formatted(YamlText.of(decision.abstainBelow())));
        }
        Limits limits = card.limits();
        if (!limits.equals(Limits.usual())) {
            line("limits:");
            line("  bytes: %d".formatted(limits.bytes()));
            line("  pixels: %d".formatted(limits.pixels()));
            line("  seconds: %s".formatted(YamlText.of(limits.seconds())));
            line("  characters: %d".formatted(limits.characters()));
        }
        card.calibration().ifPresent(calibration -> {
            line("calibration:");
            line("  method: %s".formatted(CardNode.wordOf(calibration.method())));
            line("  temperature: %s".formatted(YamlText.of(calibration.temperature())));
            line("  rows: %d".formatted(calibration.rows()));
        });
        sorted("metrics", card.metrics());
        sorted("lineage", card.lineage());
    }

    private void sorted(String key, Map<String, ?> values) {
        if (!values.isEmpty()) {
            line("%s:".formatted(key));
            new TreeMap<>(values)
                    .forEach((name, value) -> line("  %s: %s".formatted(YamlText.of(name), YamlText.of(value))));
        }
    }

    private void line(String line) {
        yaml.append(line).append('\n');
    }
}
