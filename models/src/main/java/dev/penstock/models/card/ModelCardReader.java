package dev.penstock.models.card;

import dev.penstock.models.card.Findings.Finding;
import dev.penstock.schemas.Modality;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads {@code model-card.yaml}. Every key has one meaning for a {@code card-version}; a later version of the format
 * has another number, so that no reader misunderstands a card.
 */
public final class ModelCardReader {
    static final int VERSION = 1;
    /** Scores that a prediction carries unless the card says otherwise. */
    static final int USUAL_HIGHEST = 10;

    private static final int LARGEST = 1024 * 1024;
    private static final int DEEPEST = 20;

    private final CardProblems problems = new CardProblems();

    private ModelCardReader() {}

    /**
     * @throws InvalidModelCardException with every problem of the card
     * @throws IOException if the file cannot be read
     */
    public static ModelCard read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try {
            return read(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new InvalidModelCardException(
                    List.of(new CardProblem(1, 1, "", "the file is not UTF-8 text; save it as UTF-8")));
        }
    }

    /** @throws InvalidModelCardException with every problem of the card */
    public static ModelCard read(String yaml) {
        ModelCardReader reader = new ModelCardReader();
        CardNode top = reader.parse(yaml);
        reader.refuseOtherVersions(top);
        ModelCard card = reader.card(top);
        for (Finding finding : ModelCardChecks.findings(card)) {
            reader.problems.addUnlessUnread(finding);
        }
        reader.problems.refuseIfAny();
        return card;
    }

    private CardNode parse(String yaml) {
        Node node = null;
        if (yaml.length() > LARGEST) {
            problems.add(1, 1, "the card has %d characters; it can have %d at most".formatted(yaml.length(), LARGEST));
        } else {
            try {
                refuseAliases(yaml);
                node = yaml().compose(new StringReader(yaml));
            } catch (MarkedYAMLException e) {
                String problem = "this is not YAML: %s".formatted(e.getProblem());
                if (e.getProblemMark() == null) {
                    problems.add(1, 1, problem);
                } else {
                    problems.add(e.getProblemMark(), "", problem);
                }
            } catch (YAMLException e) {
                problems.add(
                        1,
                        1,
                        "this is not YAML: %s"
                                .formatted(e.getMessage().lines().findFirst().orElse("")));
            }
        }
        problems.refuseIfAny();
        if (node == null) {
            problems.add(1, 1, "the card is empty; it begins with 'card-version: %d'".formatted(VERSION));
            problems.refuseIfAny();
        }
        return new CardNode(node, "", node.getStartMark(), problems);
    }

    /** An alias repeats what is written elsewhere, and nine aliases of nine aliases of nine fill the memory. */
    private void refuseAliases(String yaml) {
        for (Event event : yaml().parse(new StringReader(yaml))) {
            if (event instanceof AliasEvent alias) {
                problems.add(
                        alias.getStartMark(),
                        "",
                        "the alias '*%s' is not allowed; write out what it stands for".formatted(alias.getAnchor()));
            }
        }
        problems.refuseIfAny();
    }

    private static Yaml yaml() {
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(DEEPEST);
        options.setCodePointLimit(LARGEST);
        return new Yaml(new SafeConstructor(options));
    }

    private void refuseOtherVersions(CardNode top) {
        if (!top.isMapping()) {
            top.problem("a card has keys and values; it begins with 'card-version: %d'".formatted(VERSION));
            problems.refuseIfAny();
        }
        Map<String, CardNode> entries = top.entries();
        CardNode version = entries.get("card-version");
        if (version == null || !entries.keySet().iterator().next().equals("card-version")) {
            problems.add(top.mark(), "card-version", "must come first; begin the card with 'card-version: 1'");
            problems.refuseIfAny();
        }
        Optional<Integer> number = version.integer();
        if (number.isPresent() && number.get() != VERSION) {
            version.problem(
                    "this card is of version %d, and this Penstock reads version %d; use a newer Penstock, or write the card for version %d"
                            .formatted(number.get(), VERSION, VERSION));
        }
        problems.refuseIfAny();
    }

    private ModelCard card(CardNode top) {
        CardFields fields = top.fields();
        fields.optional("card-version");
        String name = fields.required("name").flatMap(CardNode::text).orElse("");
        int version = fields.required("version").flatMap(CardNode::integer).orElse(1);
        String description =
                fields.optional("description").flatMap(CardNode::text).orElse("");
        Task task = fields.required("task")
                .flatMap(value -> value.choice(Task.class))
                .orElse(Task.MULTICLASS);
        Modality modality =
                fields.required("modality").flatMap(ModelCardReader::modality).orElse(Modality.UNKNOWN);
        List<String> labels = fields.required("labels").map(CardNode::texts).orElse(List.of());
        Optional<String> signature = fields.optional("signature").flatMap(CardNode::text);
        List<String> tags = fields.optional("tags").map(CardNode::texts).orElse(List.of());
        Optional<Integer> fixedBatch = fields.optional("fixed-batch").flatMap(CardNode::integer);
        List<InputSpec> inputs = fields.required("inputs").map(CardInputs::read).orElse(List.of());
        List<OutputSpec> outputs =
                fields.required("outputs").map(node -> outputs(node, labels)).orElse(List.of());
        DecisionPolicy decision =
                fields.optional("decision").map(ModelCardReader::decision).orElse(DecisionPolicy.usual());
        Limits limits = fields.optional("limits").map(ModelCardReader::limits).orElse(Limits.usual());
        Optional<Calibration> calibration = fields.optional("calibration").flatMap(ModelCardReader::calibration);
        Map<String, Double> metrics = new LinkedHashMap<>();
        fields.optional("metrics").map(CardNode::entries).orElse(Map.of()).forEach((key, value) -> value.number()
                .ifPresent(number -> metrics.put(key, number)));
        Map<String, String> lineage = new LinkedHashMap<>();
        fields.optional("lineage").map(CardNode::entries).orElse(Map.of()).forEach((key, value) -> value.text()
                .ifPresent(text -> lineage.put(key, text)));
        fields.refuseOthers();
        return new ModelCard(
                name,
                version,
                description,
                task,
                modality,
                labels,
                signature,
                Set.copyOf(tags),
                fixedBatch.map(OptionalInt::of).orElse(OptionalInt.empty()),
                inputs,
                outputs,
                decision,
                limits,
                calibration,
                metrics,
                lineage);
    }

    /** Any of them but the one that stands for those of later versions. */
    private static Optional<Modality> modality(CardNode node) {
        Optional<Modality> modality = node.choice(Modality.class);
        if (modality.isPresent() && modality.get() == Modality.UNKNOWN) {
            node.problem("'unknown' is not one of image, audio, text, record");
            return Optional.empty();
        }
        return modality;
    }

    private static List<OutputSpec> outputs(CardNode node, List<String> labels) {
        Map<String, CardNode> entries = node.entries();
        List<OutputSpec> outputs = new ArrayList<>();
        entries.forEach((name, value) -> outputs.add(output(name, value, labels, entries.size() == 1)));
        return outputs;
    }

    /** Either {@code scores: logits} or the kind with the rest. */
    private static OutputSpec output(String name, CardNode node, List<String> labels, boolean only) {
        if (!node.isMapping()) {
            OutputSpec.Kind kind = node.choice(OutputSpec.Kind.class).orElse(OutputSpec.Kind.PROBABILITIES);
            return new OutputSpec(name, kind, labels, only, USUAL_HIGHEST);
        }
        CardFields fields = node.fields();
        OutputSpec.Kind kind = fields.required("kind")
                .flatMap(value -> value.choice(OutputSpec.Kind.class))
                .orElse(OutputSpec.Kind.PROBABILITIES);
        List<String> own = fields.optional("labels").map(CardNode::texts).orElse(labels);
        boolean deciding = fields.optional("deciding").flatMap(CardNode::flag).orElse(only);
        int highest = fields.optional("highest").flatMap(CardNode::integer).orElse(USUAL_HIGHEST);
        fields.refuseOthers();
        return new OutputSpec(name, kind, own, deciding, highest);
    }

    private static DecisionPolicy decision(CardNode node) {
        DecisionPolicy usual = DecisionPolicy.usual();
        CardFields fields = node.fields();
        DecisionPolicy policy = new DecisionPolicy(
                fields.optional("version").flatMap(CardNode::integer).orElse(usual.version()),
                fields.optional("threshold").flatMap(CardNode::number).orElse(usual.threshold()),
                fields.optional("abstain-below").flatMap(CardNode::number).orElse(usual.abstainBelow()));
        fields.refuseOthers();
        return policy;
    }

    /** Empty if one of its keys is missing, which is a problem then. */
    private static Optional<Calibration> calibration(CardNode node) {
        CardFields fields = node.fields();
        Optional<Calibration.Method> method =
                fields.required("method").flatMap(value -> value.choice(Calibration.Method.class));
        Optional<Double> temperature = fields.required("temperature").flatMap(CardNode::number);
        Optional<Integer> rows = fields.required("rows").flatMap(CardNode::integer);
        fields.refuseOthers();
        return method.flatMap(
                known -> temperature.flatMap(number -> rows.map(fitted -> new Calibration(known, number, fitted))));
    }

    private static Limits limits(CardNode node) {
        Limits usual = Limits.usual();
        CardFields fields = node.fields();
        Limits limits = new Limits(
                fields.optional("bytes").flatMap(CardNode::wholeNumber).orElse(usual.bytes()),
                fields.optional("pixels").flatMap(CardNode::wholeNumber).orElse(usual.pixels()),
                fields.optional("seconds").flatMap(CardNode::number).orElse(usual.seconds()),
                fields.optional("characters").flatMap(CardNode::integer).orElse(usual.characters()));
        fields.refuseOthers();
        return limits;
    }
}
