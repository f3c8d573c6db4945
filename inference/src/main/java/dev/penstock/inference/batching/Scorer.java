package dev.penstock.inference.batching;

import java.util.List;
import java.util.OptionalInt;

/**
 * Turns rows into outcomes. For one thread at a time; not always the same one.
 *
 * @param <V> a model's version
 * @param <R> row
 * @param <O> outcome
 */
public interface Scorer<V, R, O> {
    /**
     * @return one outcome per row, in order. What is wrong with a row is its outcome; what is thrown fails the task
     */
    List<O> score(V version, List<R> rows);

    /** Rows that the version is always asked for at once: fewer cost as much. Empty where any number will do. */
    default OptionalInt fixedRows(V version) {
        return OptionalInt.empty();
    }
}
