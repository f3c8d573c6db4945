package dev.penstock.models.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_AllocateTensor;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TString_Init;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TString_ResizeUninitialized;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorData;

import dev.penstock.models.preprocessing.Example.Value;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.internal.c_api.TF_TString;
import org.tensorflow.internal.c_api.TF_Tensor;

/** The native memory of one string input: one text or file a row. For one thread at a time. */
final class StringTensor implements Feed {
    private final String name;
    private final InputLayout layout;

    private @Nullable TF_Tensor tensor;

    StringTensor(String name, InputLayout layout) {
        this.name = name;
        this.layout = layout;
    }

    @Override
    public TF_Tensor fill(List<Value> values, int rows) {
        close();
        long[] sizes = layout.tensor(rows, 1);
        TF_Tensor made = TF_AllocateTensor(
                ElementType.STRING.number(), sizes, sizes.length, (long) rows * ElementType.STRING.bytes());
        tensor = made;
        TF_TString strings = new TF_TString(TF_TensorData(made));
        // All of them first: if a row fails, the tensor is freed with its strings.
        for (int row = 0; row < rows; row++) {
            TF_TString_Init(strings.getPointer(row));
        }
        for (int row = 0; row < rows; row++) {
            write(values.get(Math.min(row, values.size() - 1)), strings.getPointer(row));
        }
        return made;
    }

    private void write(Value value, TF_TString string) {
        if (!(value instanceof Value.Bytes bytes)) {
            throw new IllegalArgumentException("Cannot score: input '%s' takes texts or files".formatted(name));
        }
        int length = bytes.value().length;
        BytePointer content = TF_TString_ResizeUninitialized(string, length);
        if (length > 0) {
            content.capacity(length).put(bytes.value(), 0, length);
        }
    }

    /** Texts and files may be large, and are not kept until the next call. */
    @Override
    public void done() {
        close();
    }

    @Override
    public long bytes() {
        return 0; // Nothing is kept.
    }

    /** TensorFlow frees the strings with the tensor, or later, if the model kept it. */
    @Override
    public void close() {
        NativeSession.delete(tensor);
        tensor = null;
    }
}
