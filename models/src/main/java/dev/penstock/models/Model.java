package dev.penstock.models;

import dev.penstock.models.card.ModelCard;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import java.util.List;
import java.util.OptionalInt;

/**
 * One loaded version of a model. It may be asked by several threads at a time. Whoever opens it closes it, when nobody
 * asks it any more.
 */
public interface Model extends AutoCloseable {
    ModelCard card();

    /**
     * Turns one payload into one row of the model's inputs, or says why it cannot be used. Never throws for what is
     * wrong with the payload.
     *
     * @param payload one of the types of {@link dev.penstock.schemas.InferenceRequest}'s {@code payload}
     */
    Prepared prepare(Object payload);

    /**
     * Scores a batch with this one version.
     *
     * @param batch rows made by {@link #prepare} of this same model, 1 or more
     * @return the scores of each row, in order
     * @throws ModelFailedException if TensorFlow fails on the batch: on one row of it or on all
     */
    List<Scores> score(List<Example> batch);

    /** Rows that every call has, where the model has that built in: fewer are filled up. Empty where any will do. */
    OptionalInt fixedRows();

    /**
     * Native memory that it is known to hold, in bytes: its files, which are loaded as they are, and what its inputs are
     * written into. What kernels need while they run comes on top, and is free again then. Counted, not measured: the
     * memory of a process grows and shrinks for many reasons, and what a closed model gives back stays the process's.
     */
    long nativeBytes();

    /** Frees native memory; what was returned before stays valid. */
    @Override
    void close();
}
