package dev.penstock.models.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_AllocateTensor;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SetShape;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorData;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorMaybeMove;

import dev.penstock.models.preprocessing.Example.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.internal.c_api.TF_Tensor;

/**
 * The native memory of one numeric input. Each row is written into it once, and it is used again for the next batch
 * unless the model still holds it: a model may keep what it was given. For one thread at a time.
 */
final class InputTensor implements Feed {
    private final String name;
    private final ElementType type;
    private final InputLayout layout;
    /** Of every row; of no meaning where rows vary. */
    private final long elements;

    private @Nullable TF_Tensor tensor;
    private ByteBuffer memory = ByteBuffer.allocate(0);

    InputTensor(String name, ElementType type, InputLayout layout) {
        this.name = name;
        this.type = type;
        this.layout = layout;
        this.elements = layout.elements();
    }

    @Override
    public TF_Tensor fill(List<Value> values, int rows) {
        int elements = lengthOf(values.get(0));
        TF_Tensor filled = reserve(rows, elements);
        int start = 0;
        for (Value value : values) {
            start = write(value, start, elements);
        }
        // Rows that are only there because the graph wants so many are copies of the last one, so that nothing that
        // the model never sees otherwise can upset it.
        Value last = values.get(values.size() - 1);
        for (int row = values.size(); row < rows; row++) {
            start = write(last, start, elements);
        }
        return filled;
    }

    private TF_Tensor reserve(int rows, int elements) {
        long bytes = (long) rows * elements * type.bytes();
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "Cannot score %d rows at once: input '%s' would take %d bytes, and 2 GiB are the most; send smaller batches"
                            .formatted(rows, name, bytes));
        }
        long[] sizes = layout.tensor(rows, elements);
        if (tensor != null && bytes <= memory.capacity() && TF_TensorMaybeMove(tensor) != null) {
            TF_SetShape(tensor, sizes, sizes.length);
            return tensor;
        }
        NativeSession.delete(tensor);
        tensor = TF_AllocateTensor(type.number(), sizes, sizes.length, bytes);
        memory = TF_TensorData(tensor).capacity(bytes).asByteBuffer().order(ByteOrder.nativeOrder());
        return tensor;
    }

    private int write(Value value, int start, int elements) {
        if (lengthOf(value) != elements) {
            throw new IllegalArgumentException(
                    "Cannot score rows of %d and %d values at once: input '%s' of one call has one length"
                            .formatted(elements, lengthOf(value), name));
        }
        if (value instanceof Value.Floats floats) {
            type.write(memory, start, floats);
        } else if (value instanceof Value.Integers integers) {
            type.write(memory, start, integers.values());
        } else {
            throw new IllegalArgumentException("Cannot score: input '%s' takes numbers".formatted(name));
        }
        return start + elements;
    }

    private int lengthOf(Value value) {
        int length = Feed.lengthOf(value);
        if (length != elements && !layout.varies()) {
            throw new IllegalArgumentException(
                    "Cannot score: input '%s' has %d values a row, expected %d".formatted(name, length, elements));
        }
        return length;
    }

    @Override
    public long bytes() {
        return memory.capacity();
    }

    @Override
    public void close() {
        NativeSession.delete(tensor);
        tensor = null;
    }
}
