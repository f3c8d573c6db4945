package dev.penstock.models.tensorflow;

import dev.penstock.models.preprocessing.Example.Value;
import java.util.List;
import org.tensorflow.internal.c_api.TF_Tensor;

/** One input of the model, as native memory. For one thread at a time. */
interface Feed extends AutoCloseable {
    /**
     * @param values of the rows, 1 or more, all of one length
     * @param rows that the tensor must have: as many as there are values, or more
     * @return valid until the next call; this feed deletes it
     * @throws IllegalArgumentException if the values are not what the input takes
     */
    TF_Tensor fill(List<Value> values, int rows);

    /** To be called when the model has answered. */
    default void done() {}

    /** Native memory that it holds between calls. */
    long bytes();

    @Override
    void close();

    /** Elements of one row. */
    static int lengthOf(Value value) {
        if (value instanceof Value.Floats floats) {
            return floats.length();
        } else if (value instanceof Value.Integers integers) {
            return integers.values().length;
        } else if (value instanceof Value.Bytes) {
            return 1;
        }
        throw new IllegalStateException("Cannot measure unknown value: " + value);
    }
}
