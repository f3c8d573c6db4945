package dev.penstock.models.tensorflow;

import com.google.protobuf.ByteString;
import dev.penstock.models.tensorflow.SavedModelDescription.Origin;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;

/** What computes an output: whether probabilities or logits come out of it, where that can be told for certain. */
final class OutputOrigin {
    private static final Set<String> LAYERS = Set.of(
            "MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum", "BiasAdd", "Conv2D", "XlaDotV2");
    private static final Set<String> ADDITIONS = Set.of("Add", "AddV2");
    private static final Set<String> DIVISIONS = Set.of("RealDiv", "Div");
    /** With bounds that are constants, they leave of probabilities what they are. */
    private static final Set<String> CLIPPING = Set.of("ClipByValue", "Minimum", "Maximum");

    /** Averages of clipped softmaxes are the most that was seen. */
    private static final int MOST_STEPS = 4;

    private final GraphWalk walk;

    OutputOrigin(GraphWalk walk) {
        this.walk = walk;
    }

    Origin of(String tensorName) {
        return walk.tensor(tensorName)
                .flatMap(walk::source)
                .map(source -> of(source, MOST_STEPS))
                .orElse(Origin.UNKNOWN);
    }

    /** @param steps that may still be looked through */
    private Origin of(GraphWalk.Tensor source, int steps) {
        String operation = source.node().getOp();
        if (operation.equals("Softmax")) {
            return Origin.SOFTMAX;
        } else if (operation.equals("Sigmoid")) {
            return Origin.SIGMOID;
        } else if (operation.equals("LogSoftmax")) {
            return Origin.LOG_SOFTMAX;
        } else if (operation.equals("Exp")) {
            return input(source, 0)
                            .filter(exponent -> is(exponent, "LogSoftmax"))
                            .isPresent()
                    ? Origin.SOFTMAX
                    : Origin.UNKNOWN;
        } else if (DIVISIONS.contains(operation)) {
            return ofDivision(source);
        } else if (steps > 0 && CLIPPING.contains(operation) && isConstant(source, 1)) {
            Origin clipped = ofInput(source, 0, steps);
            return isProbability(clipped) ? clipped : Origin.UNKNOWN;
        } else if (steps > 0 && operation.equals("Mean")) {
            // Of frames, or of a model's last map.
            Origin averaged = ofInput(source, 0, steps);
            return averaged == Origin.LOG_SOFTMAX ? Origin.UNKNOWN : averaged;
        } else if (ADDITIONS.contains(operation)) {
            // A layer's bias; sums of probabilities are something else.
            boolean linear =
                    steps > 0 && !isProbability(ofInput(source, 0, steps)) && !isProbability(ofInput(source, 1, steps));
            return linear ? Origin.LINEAR : Origin.UNKNOWN;
        }
        return LAYERS.contains(operation) ? Origin.LINEAR : Origin.UNKNOWN;
    }

    private Origin ofInput(GraphWalk.Tensor source, int index, int steps) {
        return input(source, index).map(inner -> of(inner, steps - 1)).orElse(Origin.UNKNOWN);
    }

    private static boolean isProbability(Origin origin) {
        return origin == Origin.SOFTMAX || origin == Origin.SIGMOID;
    }

    /** Softmax as JAX and people write it, exp(x) / sum(exp(x)), and sigmoid, 1 / (1 + exp(-x)). */
    private Origin ofDivision(GraphWalk.Tensor division) {
        Optional<GraphWalk.Tensor> dividend = input(division, 0);
        Optional<GraphWalk.Tensor> divisor = input(division, 1)
                .flatMap(tensor -> is(tensor, "BroadcastTo") ? input(tensor, 0) : Optional.of(tensor));
        if (dividend.isEmpty() || divisor.isEmpty()) {
            return Origin.UNKNOWN;
        }
        if (is(dividend.get(), "Exp") && is(divisor.get(), "Sum")) {
            boolean same = input(divisor.get(), 0)
                    .filter(summed -> summed.isSameAs(dividend.get()))
                    .isPresent();
            return same && sumsColumns(divisor.get()) ? Origin.SOFTMAX : Origin.UNKNOWN;
        }
        if (isOne(dividend.get()) && ADDITIONS.contains(divisor.get().node().getOp())) {
            return isOneAndExponential(divisor.get(), 0, 1) || isOneAndExponential(divisor.get(), 1, 0)
                    ? Origin.SIGMOID
                    : Origin.UNKNOWN;
        }
        return Origin.UNKNOWN;
    }

    private boolean isOneAndExponential(GraphWalk.Tensor sum, int one, int exponential) {
        return input(sum, one).filter(OutputOrigin::isOne).isPresent()
                && input(sum, exponential).filter(term -> is(term, "Exp")).isPresent();
    }

    /** Over the rows it would be no softmax. */
    private boolean sumsColumns(GraphWalk.Tensor sum) {
        return input(sum, 1)
                .map(OutputOrigin::number)
                .filter(axis -> axis.isPresent() && (axis.getAsDouble() == -1 || axis.getAsDouble() == 1))
                .isPresent();
    }

    private boolean isConstant(GraphWalk.Tensor operation, int input) {
        return input(operation, input).filter(bound -> is(bound, "Const")).isPresent();
    }

    private Optional<GraphWalk.Tensor> input(GraphWalk.Tensor tensor, int index) {
        return walk.input(tensor, index).flatMap(walk::source);
    }

    private static boolean is(GraphWalk.Tensor tensor, String operation) {
        return tensor.node().getOp().equals(operation);
    }

    private static boolean isOne(GraphWalk.Tensor tensor) {
        OptionalDouble number = number(tensor);
        return number.isPresent() && number.getAsDouble() == 1;
    }

    /** The value of a constant that has one. */
    private static OptionalDouble number(GraphWalk.Tensor tensor) {
        if (!is(tensor, "Const") || !tensor.node().containsAttr("value")) {
            return OptionalDouble.empty();
        }
        TensorProto value = tensor.node().getAttrOrThrow("value").getTensor();
        boolean single = value.getTensorShape().getDimList().stream().allMatch(size -> size.getSize() == 1);
        if (!single) {
            return OptionalDouble.empty();
        }
        ByteString content = value.getTensorContent();
        if (value.getDtype() == DataType.DT_FLOAT && value.getFloatValCount() == 1) {
            return OptionalDouble.of(value.getFloatVal(0));
        } else if (value.getDtype() == DataType.DT_FLOAT && content.size() == Float.BYTES) {
            return OptionalDouble.of(content.asReadOnlyByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getFloat());
        } else if (value.getDtype() == DataType.DT_INT32 && value.getIntValCount() == 1) {
            return OptionalDouble.of(value.getIntVal(0));
        } else if (value.getDtype() == DataType.DT_INT32 && content.size() == Integer.BYTES) {
            return OptionalDouble.of(content.asReadOnlyByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getInt());
        }
        return OptionalDouble.empty();
    }
}
