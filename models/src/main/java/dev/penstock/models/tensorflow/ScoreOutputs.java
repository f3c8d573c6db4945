package dev.penstock.models.tensorflow;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** Which outputs could be scores: one number a label for each row, always in the same order. */
final class ScoreOutputs {
    private static final Set<String> SORTING = Set.of("TopK", "TopKV2");

    /** An output of TensorFlow's object detectors, and of those that follow them. */
    private static final String BOXES = "detection_boxes";

    private static final String FALLING = "has the highest scores in falling order, whatever their labels";

    private final GraphWalk walk;

    ScoreOutputs(GraphWalk walk) {
        this.walk = walk;
    }

    /** @throws UnservableException if none could */
    void requireOne(SignatureDef signature) {
        if (signature.containsOutputs(BOXES)) {
            throw new UnservableException(
                    "it finds objects in images (its output '%s' has their boxes), and Penstock scores whole images; export a classifier"
                            .formatted(BOXES));
        }
        Map<String, TensorInfo> outputs = new TreeMap<>(signature.getOutputsMap());
        if (outputs.values().stream().noneMatch(output -> unfit(output).isEmpty())) {
            throw new UnservableException(
                    "none of its outputs can be scores: %s; export one that has a score for each label, such as probabilities of [batch, labels]"
                            .formatted(outputs.entrySet().stream()
                                    .map(output -> "'%s' %s"
                                            .formatted(
                                                    output.getKey(),
                                                    unfit(output.getValue()).orElse("")))
                                    .collect(Collectors.joining(", "))));
        }
    }

    /** Why an output cannot be scores, as the end of a sentence; empty if it can. */
    Optional<String> unfit(TensorInfo output) {
        if (ElementType.of(output.getDtype()).filter(ElementType::hasFractions).isEmpty()) {
            return Optional.of("is %s".formatted(ElementType.nameOf(output.getDtype())));
        }
        TensorShapeProto shape = output.getTensorShape();
        long wide = shape.getDimList().stream()
                .skip(1)
                .filter(size -> size.getSize() != 1)
                .count();
        if (wide > 1) {
            return Optional.of("has %d dimensions".formatted(shape.getDimCount()));
        }
        return isSorted(output) ? Optional.of(FALLING) : Optional.empty();
    }

    /** @throws UnservableException if its columns are not those of labels, though they may be as many */
    void requireUnsorted(String key, TensorInfo output) {
        if (isSorted(output)) {
            throw new UnservableException(
                    "its output '%s' %s; name an output that has the scores of all labels".formatted(key, FALLING));
        }
    }

    private boolean isSorted(TensorInfo output) {
        return walk.tensor(output.getName())
                .flatMap(walk::source)
                .filter(source -> SORTING.contains(source.node().getOp()))
                .isPresent();
    }
}
