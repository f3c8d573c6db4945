package dev.penstock.models.tensorflow;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Features;
import dev.penstock.models.card.InputSpec.Image;
import dev.penstock.models.card.InputSpec.Tokens;
import dev.penstock.models.card.InputSpec.Waveform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.tensorflow.proto.TensorShapeProto;

/**
 * How rows lie in the tensor of one input. Signatures say more or less about that: nothing, only the rank, or every
 * size; with a dimension for the batch or without.
 *
 * @param batched whether the first dimension counts rows; else a call takes one
 * @param rows that the first dimension must be, where the graph has that built in
 * @param row sizes of one row; -1 where rows differ
 */
record InputLayout(boolean batched, OptionalLong rows, List<Long> row) {
    private static final long ANY = -1;

    InputLayout {
        row = List.copyOf(row);
    }

    /** @throws UnservableException if rows of the card do not fit the signature */
    static InputLayout of(InputSpec input, TensorShapeProto shape) {
        List<List<Long>> rows = rowsOf(input);
        if (shape.getUnknownRank()) {
            return new InputLayout(true, OptionalLong.empty(), rows.get(0));
        }
        List<Long> sizes = shape.getDimList().stream()
                .map(TensorShapeProto.Dim::getSize)
                .map(size -> size < 0 ? ANY : size)
                .toList();
        if (!sizes.isEmpty()) {
            OptionalLong fixed = sizes.get(0) == ANY ? OptionalLong.empty() : OptionalLong.of(sizes.get(0));
            List<Long> inner = sizes.subList(1, sizes.size());
            for (List<Long> row : rows) {
                if (fits(row, inner)) {
                    return new InputLayout(true, fixed, row);
                }
            }
            // Numbers in order make an image or a vector alike.
            if (inner.size() != rows.get(0).size() && !inner.contains(ANY) && product(inner) == product(rows.get(0))) {
                return new InputLayout(true, fixed, inner);
            }
        }
        for (List<Long> row : rows) {
            if (fits(row, sizes)) {
                return new InputLayout(false, OptionalLong.empty(), row);
            }
        }
        throw new UnservableException("its input '%s' has the shape %s, and the card gives rows of %s"
                .formatted(input.name(), written(sizes), written(rows.get(0))));
    }

    /** The shapes that a row can take without moving a value, the card's own first. */
    private static List<List<Long>> rowsOf(InputSpec input) {
        List<List<Long>> rows = new ArrayList<>();
        if (input instanceof Image image) {
            long height = image.height();
            long width = image.width();
            long channels = image.channels();
            rows.add(
                    image.layout() == Image.Layout.CHANNELS_LAST
                            ? List.of(height, width, channels)
                            : List.of(channels, height, width));
            if (channels == 1) {
                rows.add(List.of(height, width));
            }
        } else if (input instanceof Waveform waveform) {
            long samples = waveform.samples() == 0 ? ANY : waveform.samples();
            rows.add(List.of(samples));
            rows.add(List.of(samples, 1L));
            rows.add(List.of(1L, samples));
        } else if (input instanceof Tokens tokens) {
            rows.add(List.of(tokens.buckets().isEmpty() ? (long) tokens.length() : ANY));
        } else if (input instanceof Features features) {
            rows.add(List.of((long) features.features().size()));
            if (features.features().size() == 1) {
                rows.add(List.of());
            }
        } else {
            // Texts, categories and files are one element.
            rows.add(List.of());
            rows.add(List.of(1L));
        }
        return rows;
    }

    private static boolean fits(List<Long> row, List<Long> sizes) {
        if (row.size() != sizes.size()) {
            return false;
        }
        for (int index = 0; index < row.size(); index++) {
            long size = sizes.get(index);
            if (size != ANY && size != row.get(index)) {
                return false;
            }
        }
        return true;
    }

    private static long product(List<Long> sizes) {
        return sizes.stream().reduce(1L, (left, right) -> left * right);
    }

    private static String written(List<Long> sizes) {
        return sizes.stream()
                .map(size -> size == ANY ? "?" : size.toString())
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /** Whether rows may have different lengths; those of one call have the same. */
    boolean varies() {
        return row.contains(ANY);
    }

    /** Elements of one row where {@link #varies} is false. */
    long elements() {
        return product(row);
    }

    /** Sizes of the tensor for so many rows of so many elements. */
    long[] tensor(int rows, long rowElements) {
        long[] sizes = new long[row.size() + (batched ? 1 : 0)];
        int next = 0;
        if (batched) {
            sizes[next++] = rows;
        }
        for (long size : row) {
            sizes[next++] = size == ANY ? rowElements : size;
        }
        return sizes;
    }

    @Override
    public String toString() {
        return (batched ? "batch of " : "") + Arrays.toString(row.toArray());
    }
}
