package dev.penstock.models.architectures;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.preprocessing.Example.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/** Rows and labels as the tensors of a signature. Whoever asks for a tensor closes it. */
final class TrainingBatch {
    private TrainingBatch() {}

    /** @throws IllegalArgumentException if the rows do not fit the signature */
    static Tensor rows(InputSpec spec, TensorInfo info, List<Value> rows) {
        if (spec instanceof InputSpec.Constant constant) {
            return numbers(info, Shape.scalar(), new double[] {constant.value()});
        }
        if (info.getDtype() == DataType.DT_STRING) {
            byte[][] strings = new byte[rows.size()][];
            for (int row = 0; row < strings.length; row++) {
                strings[row] = bytes(spec, rows.get(row));
            }
            Shape shape = shape(spec, info.getTensorShape(), strings.length, 1);
            return TString.tensorOfBytes(NdArrays.wrap(shape, DataBuffers.ofObjects(strings)));
        }
        int elements = length(spec, rows.get(0));
        double[] numbers = new double[rows.size() * elements];
        for (int row = 0; row < rows.size(); row++) {
            if (length(spec, rows.get(row)) != elements) {
                throw new IllegalArgumentException(
                        "Cannot train on rows of %d and %d values at once: give input '%s' one length"
                                .formatted(elements, length(spec, rows.get(row)), spec.name()));
            }
            copy(rows.get(row), numbers, row * elements);
        }
        return numbers(info, shape(spec, info.getTensorShape(), rows.size(), elements), numbers);
    }

    private static byte[] bytes(InputSpec spec, Value value) {
        if (value instanceof Value.Bytes bytes) {
            return bytes.value();
        }
        throw new IllegalArgumentException("Cannot train: input '%s' takes texts or files".formatted(spec.name()));
    }

    private static int length(InputSpec spec, Value value) {
        if (value instanceof Value.Floats floats) {
            return floats.values().length;
        }
        if (value instanceof Value.Integers integers) {
            return integers.values().length;
        }
        throw new IllegalArgumentException("Cannot train: input '%s' takes numbers".formatted(spec.name()));
    }

    private static void copy(Value value, double[] into, int at) {
        if (value instanceof Value.Floats floats) {
            for (int index = 0; index < floats.values().length; index++) {
                into[at + index] = floats.values()[index];
            }
        } else if (value instanceof Value.Integers integers) {
            for (int index = 0; index < integers.values().length; index++) {
                into[at + index] = integers.values()[index];
            }
        }
    }

    /**
     * The card's own layout of a row where the signature leaves it open, else the signature's: a vector may be wanted as
     * {@code [rows]} or {@code [rows, 1]}, an image without its only channel.
     */
    private static Shape shape(InputSpec spec, TensorShapeProto wanted, int rows, int elements) {
        List<Long> sizes = new ArrayList<>();
        if (!wanted.getUnknownRank() && wanted.getDimCount() > 0) {
            List<Long> inner = wanted.getDimList().stream()
                    .skip(1)
                    .map(TensorShapeProto.Dim::getSize)
                    .toList();
            long unknown = inner.stream().filter(size -> size < 0).count();
            long known = inner.stream().filter(size -> size >= 0).reduce(1L, (left, right) -> left * right);
            if (unknown == 0 ? known == elements : unknown == 1 && known > 0 && elements % known == 0) {
                inner.forEach(size -> sizes.add(size < 0 ? elements / known : size));
                return Shape.of(rows).append(Shape.of(array(sizes)));
            }
        }
        return Shape.of(rows).append(natural(spec, elements));
    }

    private static Shape natural(InputSpec spec, int elements) {
        if (spec instanceof InputSpec.Image image) {
            return image.layout() == InputSpec.Image.Layout.CHANNELS_LAST
                    ? Shape.of(image.height(), image.width(), image.channels())
                    : Shape.of(image.channels(), image.height(), image.width());
        }
        boolean one = spec instanceof InputSpec.Text
                || spec instanceof InputSpec.Encoded
                || spec instanceof InputSpec.Category;
        return one ? Shape.scalar() : Shape.of(elements);
    }

    private static long[] array(List<Long> sizes) {
        return sizes.stream().mapToLong(Long::longValue).toArray();
    }

    /** One number a row, for weights. */
    static Tensor weights(double[] weights) {
        return floats(Shape.of(weights.length), weights);
    }

    static Tensor scalar(double value) {
        return floats(Shape.scalar(), new double[] {value});
    }

    /**
     * Labels as the signature wants them: places in the list of labels, or a column each where it takes as many columns
     * as there are labels, or where it takes fractions.
     *
     * @throws IllegalArgumentException if they cannot be told in its type
     */
    static Tensor labels(TensorInfo info, int[] labels, int count) {
        TensorShapeProto shape = info.getTensorShape();
        int rank = shape.getUnknownRank() ? 0 : shape.getDimCount();
        long columns = rank == 2 ? shape.getDim(1).getSize() : 1;
        boolean fractions = info.getDtype() == DataType.DT_FLOAT || info.getDtype() == DataType.DT_DOUBLE;
        if (columns == count || (columns < 0 && fractions)) {
            double[] oneHot = new double[labels.length * count];
            for (int row = 0; row < labels.length; row++) {
                oneHot[row * count + labels[row]] = 1;
            }
            return numbers(info, Shape.of(labels.length, count), oneHot);
        }
        double[] places = new double[labels.length];
        for (int row = 0; row < labels.length; row++) {
            places[row] = labels[row];
        }
        return numbers(info, rank == 2 ? Shape.of(labels.length, 1) : Shape.of(labels.length), places);
    }

    private static Tensor numbers(TensorInfo info, Shape shape, double[] values) {
        return switch (info.getDtype()) {
            case DT_FLOAT -> floats(shape, values);
            case DT_DOUBLE -> TFloat64.tensorOf(shape, DataBuffers.of(values));
            case DT_INT32 ->
                TInt32.tensorOf(
                        shape,
                        DataBuffers.of(Arrays.stream(values)
                                .mapToInt(value -> (int) Math.rint(value))
                                .toArray()));
            case DT_INT64 ->
                TInt64.tensorOf(
                        shape,
                        DataBuffers.of(
                                Arrays.stream(values).mapToLong(Math::round).toArray()));
            case DT_UINT8 -> TUint8.tensorOf(shape, DataBuffers.of(bytes(values)));
            case DT_BOOL -> TBool.tensorOf(shape, DataBuffers.of(booleans(values)));
            default ->
                throw new IllegalArgumentException(
                        "Cannot train with inputs of type %s: float32, float64, int32, int64, uint8, bool and string are supported"
                                .formatted(info.getDtype()));
        };
    }

    private static Tensor floats(Shape shape, double[] values) {
        float[] floats = new float[values.length];
        for (int index = 0; index < floats.length; index++) {
            floats[index] = (float) values[index];
        }
        return TFloat32.tensorOf(shape, DataBuffers.of(floats));
    }

    private static byte[] bytes(double[] values) {
        byte[] bytes = new byte[values.length];
        for (int index = 0; index < bytes.length; index++) {
            bytes[index] = (byte) Math.max(0, Math.min(255, Math.round(values[index])));
        }
        return bytes;
    }

    private static boolean[] booleans(double[] values) {
        boolean[] booleans = new boolean[values.length];
        for (int index = 0; index < booleans.length; index++) {
            booleans[index] = values[index] != 0;
        }
        return booleans;
    }
}
