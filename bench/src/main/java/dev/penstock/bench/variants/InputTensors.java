package dev.penstock.bench.variants;

import dev.penstock.models.card.ModelCard;
import dev.penstock.models.preprocessing.Example;
import java.util.List;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** Rows of a model's only input as tensors of TensorFlow Java. */
final class InputTensors {
    private final TensorInfo input;

    /** @throws IllegalArgumentException if the model has several inputs */
    InputTensors(SignatureDef signature, ModelCard card) {
        if (card.inputs().size() != 1) {
            throw new IllegalArgumentException("Cannot feed model '%s': it has %d inputs, not one"
                    .formatted(card.name(), card.inputs().size()));
        }
        this.input = signature.getInputsOrThrow(card.inputs().get(0).name());
    }

    /** In the graph. */
    String name() {
        return input.getName();
    }

    /** A tensor for the caller to close. */
    Tensor of(List<Example> rows) {
        if (rows.get(0).values().get(0) instanceof Example.Value.Bytes) {
            byte[][] texts = new byte[rows.size()][];
            for (int row = 0; row < texts.length; row++) {
                texts[row] = ((Example.Value.Bytes) rows.get(row).values().get(0)).value();
            }
            return TString.tensorOfBytes(NdArrays.vectorOfObjects(texts));
        }
        TFloat32 tensor = TFloat32.tensorOf(shape(rows.size()));
        long at = 0;
        for (Example row : rows) {
            float[] values = ((Example.Value.Floats) row.values().get(0)).values();
            DataBuffers.of(values, true, false)
                    .copyTo(tensor.asRawTensor().data().asFloats().offset(at), values.length);
            at += values.length;
        }
        return tensor;
    }

    private Shape shape(int rows) {
        long[] sizes = input.getTensorShape().getDimList().stream()
                .mapToLong(TensorShapeProto.Dim::getSize)
                .toArray();
        sizes[0] = rows;
        return Shape.of(sizes);
    }
}
