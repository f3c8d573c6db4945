package dev.penstock.models.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_Dim;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NumDims;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorData;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.Temperature;
import dev.penstock.models.card.OutputSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** Turns one output of the model into scores. Immutable. */
final class OutputReader {
    private final OutputSpec output;
    private final ElementType type;
    private final Activation activation;
    private final @Nullable Temperature temperature;

    private OutputReader(
            OutputSpec output, ElementType type, Activation activation, @Nullable Temperature temperature) {
        this.output = output;
        this.type = type;
        this.activation = activation;
        this.temperature = temperature;
    }

    /**
     * @param exclusive whether one label of the output rules out the others
     * @param temperature of the output's scores; null to leave them as they are
     * @throws UnservableException if the signature's output cannot be these labels' scores
     */
    static OutputReader of(OutputSpec output, TensorInfo info, boolean exclusive, @Nullable Temperature temperature) {
        ElementType type = ElementType.of(info.getDtype())
                .filter(ElementType::hasFractions)
                .orElseThrow(() -> new UnservableException(
                        "its output '%s' is %s and cannot be scores; name an output of float32 in the card"
                                .formatted(output.name(), ElementType.nameOf(info.getDtype()))));
        requireColumns(output, info.getTensorShape());
        return new OutputReader(output, type, Activation.of(output, exclusive), temperature);
    }

    /** What the signature leaves open is checked with each answer. */
    private static void requireColumns(OutputSpec output, TensorShapeProto shape) {
        if (shape.getUnknownRank() || shape.getDimCount() == 0) {
            return;
        }
        List<Long> inner = shape.getDimList().subList(1, shape.getDimCount()).stream()
                .map(TensorShapeProto.Dim::getSize)
                .filter(size -> size != 1)
                .toList();
        boolean open = inner.stream().anyMatch(size -> size < 0);
        long columns = inner.isEmpty() ? 1 : inner.get(0);
        // A model without a batch dimension has its labels in the first one.
        boolean unbatched = inner.isEmpty() && fits(output, shape.getDim(0).getSize());
        if (inner.size() > 1 || !(open || unbatched || fits(output, columns))) {
            throw new UnservableException("its output '%s' has the shape %s, and the card has %d labels for it"
                    .formatted(
                            output.name(),
                            shape.getDimList().stream()
                                    .map(size -> size.getSize() < 0 ? "?" : Long.toString(size.getSize()))
                                    .toList(),
                            output.labels().size()));
        }
    }

    /** One column each or, for two labels, one for the second of them. */
    private static boolean fits(OutputSpec output, long columns) {
        int labels = output.labels().size();
        return columns == labels || (columns == 1 && labels == 2);
    }

    String name() {
        return output.name();
    }

    boolean decides() {
        return output.deciding();
    }

    /**
     * @param rows that were asked
     * @return the scores of each, in order; not finite where the model's are not
     * @throws UnservableException if the answer is not that of so many rows, or holds no probabilities where the card
     *     says so
     */
    List<LabelledScores> read(TF_Tensor tensor, int rows) {
        long[] sizes = sizesOf(tensor);
        // Not by the size of its memory: an output may share that of an input, which has room for more rows.
        long bytes = Arrays.stream(sizes).reduce(type.bytes(), (left, right) -> left * right);
        if (bytes > Integer.MAX_VALUE) {
            throw new UnservableException("its output '%s' has %d bytes, and 2 GiB are the most; send smaller batches"
                    .formatted(output.name(), bytes));
        }
        int count = (int) bytes / type.bytes();
        int columns = count / rows;
        requireRows(sizes, rows, columns);
        if (count == 0 || !fits(output, columns)) {
            throw new UnservableException(
                    "its output '%s' has %d columns, and the card has %d labels for it; write as many"
                            .formatted(output.name(), columns, output.labels().size()));
        }
        ByteBuffer memory = TF_TensorData(tensor).capacity(bytes).asByteBuffer().order(ByteOrder.nativeOrder());
        float[] values = type.readAll(memory, count);
        List<LabelledScores> scores = new ArrayList<>(rows);
        Activation scoring = activation.forColumns(columns, output.labels().size());
        float[] row = new float[output.labels().size()];
        for (int index = 0; index < rows; index++) {
            scoring.apply(values, index * columns, columns, row);
            if (temperature != null) {
                temperature.apply(row);
            }
            scores.add(new LabelledScores(output.labels(), row));
        }
        return scores;
    }

    private static long[] sizesOf(TF_Tensor tensor) {
        long[] sizes = new long[TF_NumDims(tensor)];
        for (int index = 0; index < sizes.length; index++) {
            sizes[index] = TF_Dim(tensor, index);
        }
        return sizes;
    }

    /** {@code [rows, columns]} apart from dimensions of 1; one row may have lost its own dimension. */
    private void requireRows(long[] sizes, int rows, int columns) {
        long[] wide = Arrays.stream(sizes).filter(size -> size != 1).toArray();
        boolean isOneRow = rows == 1 && wide.length <= 1;
        boolean isRows =
                sizes.length > 0 && sizes[0] == rows && (wide.length <= 1 || (wide.length == 2 && wide[1] == columns));
        if (!isOneRow && !isRows) {
            throw new UnservableException(
                    "its output '%s' has the shape %s for %d rows; export one that gives one score a label for each row, such as the mean over frames"
                            .formatted(output.name(), Arrays.toString(sizes), rows));
        }
    }
}
