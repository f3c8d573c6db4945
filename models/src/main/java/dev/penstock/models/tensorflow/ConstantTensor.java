package dev.penstock.models.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_AllocateTensor;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorData;

import dev.penstock.models.card.InputSpec.Constant;
import dev.penstock.models.preprocessing.Example.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.proto.TensorShapeProto;

/** An input that is the same for every call, in whatever shape the signature has it. */
final class ConstantTensor implements Feed {
    private static final int MOST_ELEMENTS = 1_000_000;

    private final Constant constant;
    private final ElementType type;
    private final long[] sizes;
    private @Nullable TF_Tensor tensor;

    /** @throws UnservableException if the value does not fit */
    ConstantTensor(Constant constant, ElementType type, TensorShapeProto shape) {
        this.constant = constant;
        this.type = type;
        sizes = shape.getDimList().stream()
                .mapToLong(size -> Math.max(size.getSize(), 1))
                .toArray();
        boolean whole = constant.value() == Math.rint(constant.value());
        boolean truth = constant.value() == 0 || constant.value() == 1;
        boolean fits =
                switch (type) {
                    case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> true;
                    case INT32 -> whole && Math.abs(constant.value()) <= Integer.MAX_VALUE;
                    case INT64 -> whole && Math.abs(constant.value()) <= 1L << 53;
                    case UINT8 -> whole && constant.value() >= 0 && constant.value() <= 255;
                    case BOOL -> truth;
                    case STRING -> false;
                };
        if (!fits) {
            throw new UnservableException("its input '%s' is %s, which the card's constant %s is not"
                    .formatted(constant.name(), type.word(), constant.value()));
        }
        if (elements() > MOST_ELEMENTS) {
            throw new UnservableException(
                    "its input '%s' has %d values, too many for a constant".formatted(constant.name(), elements()));
        }
    }

    private long elements() {
        long elements = 1;
        for (long size : sizes) {
            elements *= size;
        }
        return elements;
    }

    @Override
    public TF_Tensor fill(List<Value> values, int rows) {
        TF_Tensor made = tensor;
        if (made == null) {
            int elements = (int) elements();
            long bytes = (long) elements * type.bytes();
            made = TF_AllocateTensor(type.number(), sizes, sizes.length, bytes);
            ByteBuffer memory =
                    TF_TensorData(made).capacity(bytes).asByteBuffer().order(ByteOrder.nativeOrder());
            for (int index = 0; index < elements; index++) {
                type.write(memory, index, constant.value());
            }
            tensor = made;
        }
        return made;
    }

    @Override
    public long bytes() {
        return tensor == null ? 0 : elements() * type.bytes();
    }

    @Override
    public void close() {
        NativeSession.delete(tensor);
        tensor = null;
    }
}
