package dev.penstock.models.tensorflow;

import dev.penstock.models.Temperature;
import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Constant;
import dev.penstock.models.card.InputSpec.Tokens;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.NumberType;
import dev.penstock.models.card.OutputSpec;
import dev.penstock.models.card.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * How a card and a signature go together: what is fed, what is fetched, and how many rows a call takes.
 *
 * @param inputs in the card's order
 * @param outputs in the card's order
 * @param rows that every call must have; empty where any number will do
 */
record ServingPlan(List<PlannedInput> inputs, List<PlannedOutput> outputs, OptionalInt rows) {
    /** @param layout for constants, of no meaning */
    record PlannedInput(InputSpec spec, TensorInfo tensor, ElementType type, InputLayout layout) {
        Feed feed() {
            if (spec instanceof Constant constant) {
                return new ConstantTensor(constant, type, tensor.getTensorShape());
            }
            return type == ElementType.STRING
                    ? new StringTensor(spec.name(), layout)
                    : new InputTensor(spec.name(), type, layout);
        }
    }

    record PlannedOutput(OutputReader reader, TensorInfo tensor) {}

    /** @throws UnservableException if they do not go together */
    static ServingPlan of(ModelCard card, MetaGraphDef graph, String signatureKey, GraphWalk walk) {
        SignatureDef signature = graph.getSignatureDefOrThrow(signatureKey);
        requireAllInputs(card, signature, walk);
        List<PlannedInput> inputs = new ArrayList<>();
        for (InputSpec spec : card.inputs()) {
            inputs.add(input(spec, signature, walk));
        }
        List<PlannedOutput> outputs = new ArrayList<>();
        for (OutputSpec spec : card.outputs()) {
            TensorInfo tensor = signature.getOutputsMap().get(spec.name());
            if (tensor == null) {
                throw new UnservableException("its signature '%s' has no output '%s' as the card says; it has %s"
                        .formatted(
                                signatureKey,
                                spec.name(),
                                new TreeSet<>(signature.getOutputsMap().keySet())));
            }
            new ScoreOutputs(walk).requireUnsorted(spec.name(), tensor);
            Temperature temperature = spec.deciding() ? Temperature.of(card) : null;
            outputs.add(new PlannedOutput(
                    OutputReader.of(spec, tensor, card.task() != Task.MULTILABEL, temperature), tensor));
        }
        return new ServingPlan(List.copyOf(inputs), List.copyOf(outputs), rows(card, inputs));
    }

    /** Those with a value of their own may be left alone. */
    private static void requireAllInputs(ModelCard card, SignatureDef signature, GraphWalk walk) {
        Set<String> missing = new TreeSet<>(signature.getInputsMap().keySet());
        card.inputs().forEach(spec -> missing.remove(spec.name()));
        missing.removeIf(key -> walk.tensor(signature.getInputsMap().get(key).getName())
                .filter(tensor -> tensor.node().getOp().equals("PlaceholderWithDefault"))
                .isPresent());
        if (!missing.isEmpty()) {
            throw new UnservableException(
                    "its signature has inputs that the card does not fill: %s; the signature's are %s"
                            .formatted(missing, written(signature.getInputsMap())));
        }
    }

    private static PlannedInput input(InputSpec spec, SignatureDef signature, GraphWalk walk) {
        TensorInfo tensor = signature.getInputsMap().get(spec.name());
        if (tensor == null && spec instanceof Constant) {
            // Switches such as a dropout rate are often left out of signatures; their name in the graph has a colon.
            tensor = graphInput(spec.name(), walk);
        }
        if (tensor == null) {
            throw new UnservableException("its signature has no input '%s' as the card says; it has %s"
                    .formatted(spec.name(), written(signature.getInputsMap())));
        }
        ElementType type = ElementType.of(tensor.getDtype())
                .orElseThrow(() -> new UnservableException(
                        "its input '%s' has a type that Penstock cannot fill".formatted(spec.name())));
        if (spec instanceof Constant) {
            return new PlannedInput(spec, tensor, type, new InputLayout(false, OptionalLong.empty(), List.of()));
        }
        requireType(spec, type);
        return new PlannedInput(spec, tensor, type, InputLayout.of(spec, tensor.getTensorShape()));
    }

    private static @Nullable TensorInfo graphInput(String name, GraphWalk walk) {
        if (!name.contains(":")) {
            return null;
        }
        return walk.tensor(name)
                .flatMap(found -> SignatureChecks.placeholderType(found.node()).map(type -> TensorInfo.newBuilder()
                        .setName(name)
                        .setDtype(type)
                        .setTensorShape(found.node()
                                .getAttrOrDefault("shape", AttrValue.getDefaultInstance())
                                .getShape())
                        .build()))
                .orElse(null);
    }

    private static void requireType(InputSpec spec, ElementType type) {
        if (spec instanceof Tokens tokens && tokens.part() != Tokens.Part.IDS && type != ElementType.STRING) {
            return; // 0 and 1 are the same in all of them.
        }
        NumberType written = numberType(spec);
        boolean fits = written == null ? type == ElementType.STRING : type.holds(written);
        if (!fits) {
            throw new UnservableException("its input '%s' is %s, and the card fills it with %s; %s"
                    .formatted(
                            spec.name(),
                            type.word(),
                            written == null
                                    ? "string"
                                    : ElementType.valueOf(written.name()).word(),
                            type == ElementType.STRING
                                    ? "use an input of kind text, category or encoded"
                                    : "write 'type: %s' and check the values that it gets".formatted(type.word())));
        }
    }

    /** Null for those that are strings. */
    private static @Nullable NumberType numberType(InputSpec spec) {
        if (spec instanceof InputSpec.Image image) {
            return image.type();
        } else if (spec instanceof InputSpec.Waveform waveform) {
            return waveform.type();
        } else if (spec instanceof Tokens tokens) {
            return tokens.type();
        } else if (spec instanceof InputSpec.Features features) {
            return features.type();
        } else if (spec instanceof Constant constant) {
            return constant.type();
        }
        return null;
    }

    private static OptionalInt rows(ModelCard card, List<PlannedInput> inputs) {
        OptionalInt rows = card.fixedBatch();
        for (PlannedInput input : inputs) {
            if (input.spec() instanceof Constant) {
                continue;
            }
            OptionalLong needed = input.layout().batched() ? input.layout().rows() : OptionalLong.of(1);
            if (needed.isPresent()) {
                if (needed.getAsLong() < 1 || (rows.isPresent() && rows.getAsInt() != needed.getAsLong())) {
                    throw new UnservableException(
                            "its input '%s' takes %d rows a call, and %s; export it with a batch of any size"
                                    .formatted(
                                            input.spec().name(),
                                            needed.getAsLong(),
                                            rows.isPresent()
                                                    ? "another input or the card says %d".formatted(rows.getAsInt())
                                                    : "needs one or more"));
                }
                rows = OptionalInt.of((int) needed.getAsLong());
            }
        }
        return rows;
    }

    static String written(Map<String, TensorInfo> tensors) {
        return new TreeMap<>(tensors)
                .entrySet().stream()
                        .map(tensor -> "%s (%s)"
                                .formatted(
                                        tensor.getKey(),
                                        ElementType.nameOf(tensor.getValue().getDtype())))
                        .toList()
                        .toString();
    }

    /** Whether rows of one batch may be of different lengths. */
    boolean varies() {
        return inputs.stream().anyMatch(input -> input.layout().varies());
    }

    /** @throws UnservableException if the loaded graph has another type than the signature says */
    void requireTypes(NativeSession session) {
        inputs.forEach(input -> requireType(session, "input", input.spec().name(), input.tensor()));
        outputs.forEach(output -> requireType(session, "output", output.reader().name(), output.tensor()));
    }

    private static void requireType(NativeSession session, String what, String key, TensorInfo tensor) {
        int actual = session.elementType(session.place(tensor.getName()));
        if (actual != tensor.getDtype().getNumber()) {
            throw new UnservableException(
                    "its %s '%s' is %s in the signature and %s in the graph; export the model anew"
                            .formatted(
                                    what,
                                    key,
                                    ElementType.nameOf(tensor.getDtype()),
                                    ElementType.nameOf(DataType.forNumber(actual))));
        }
    }
}
