package dev.penstock.inference.batching;

/** Told of every batch, on the task's thread. */
public interface BatchListener {
    /**
     * @param padding rows that are scored with it for nothing, since its version is always asked for so many
     * @param waitedNanos from its first row to being closed and given to a thread
     */
    void started(ClosingReason reason, int rows, int padding, long waitedNanos);

    /** @param scoredNanos from being given to a thread to being done */
    void scored(int rows, long scoredNanos);

    /** @param emittedNanos from its first outcome to its last being taken */
    void emitted(int rows, long emittedNanos);
}
