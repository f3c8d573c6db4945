package dev.penstock.bench.workloads;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes a chain of layers as an ONNX file. It knows just the fields that these need.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto, for the field numbers</a>
 */
final class OnnxModel {
    private static final int IR_VERSION = 8;
    private static final int OPERATOR_SET = 13;
    private static final int FLOAT = 1;

    private final ByteArrayOutputStream graph = new ByteArrayOutputStream();
    private final String output;
    private final int outputs;
    /** The last layer's result. */
    private String last;

    private int nodes;

    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    /** float32 {@code [rows, inputs]} to {@code [rows, outputs]}. */
    OnnxModel(String input, int inputs, String output, int outputs) {
        this.output = output;
        this.outputs = outputs;
        this.last = input;
        addToGraph(out -> {
            out.writeString(2, "network");
            out.writeByteArray(11, values(input, inputs));
        });
    }

    /** @param kernel {@code [inputs, outputs]}, rows first */
    OnnxModel dense(String name, float[] kernel, float[] bias) {
        weights(name + ".kernel", kernel, kernel.length / bias.length, bias.length);
        weights(name + ".bias", bias, bias.length);
        node("MatMul", last, name + ".kernel");
        node("Add", last, name + ".bias");
        return this;
    }

    OnnxModel relu() {
        node("Relu", last);
        return this;
    }

    OnnxModel softmax() {
        node("Softmax", last);
        return this;
    }

    /** The file. Nothing can be added after. */
    byte[] toBytes() {
        String result = last;
        addToGraph(out -> {
            out.writeByteArray(1, message(node -> {
                node.writeString(1, result);
                node.writeString(2, output);
                node.writeString(4, "Identity");
            }));
            out.writeByteArray(12, values(output, outputs));
        });
        return message(model -> {
            model.writeInt64(1, IR_VERSION);
            model.writeByteArray(7, graph.toByteArray());
            model.writeByteArray(8, message(set -> set.writeInt64(2, OPERATOR_SET)));
        });
    }

    private void node(String operator, String... inputs) {
        String result = "value-" + nodes++;
        addToGraph(out -> out.writeByteArray(1, message(node -> {
            for (String input : inputs) {
                node.writeString(1, input);
            }
            node.writeString(2, result);
            node.writeString(4, operator);
        })));
        last = result;
    }

    private void weights(String name, float[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        addToGraph(out -> out.writeByteArray(5, message(tensor -> {
            for (long size : shape) {
                tensor.writeInt64(1, size);
            }
            tensor.writeInt32(2, FLOAT);
            tensor.writeString(8, name);
            tensor.writeBytes(9, ByteString.copyFrom(raw));
        })));
    }

    /** A named float32 {@code [rows, columns]}. */
    private static byte[] values(String name, int columns) {
        byte[] shape = message(out -> {
            out.writeByteArray(1, message(rows -> rows.writeString(2, "rows")));
            out.writeByteArray(1, message(size -> size.writeInt64(1, columns)));
        });
        byte[] tensor = message(out -> {
            out.writeInt32(1, FLOAT);
            out.writeByteArray(2, shape);
        });
        return message(out -> {
            out.writeString(1, name);
            out.writeByteArray(2, message(type -> type.writeByteArray(1, tensor)));
        });
    }

    private void addToGraph(Fields fields) {
        graph.writeBytes(message(fields));
    }

    private static byte[] message(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
