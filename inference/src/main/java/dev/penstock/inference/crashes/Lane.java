package dev.penstock.inference.crashes;

/** Says of one batch after another that it is in flight. For one thread at a time. */
public interface Lane {
    /**
     * Waits until nobody is in flight who may not be at the same time.
     *
     * @param isSuspect whether the batch is one record that may be at fault: nobody else is in flight then
     */
    void begin(InFlightBatch batch, boolean isSuspect);

    /** By the thread that began: it is answered, and a suspect is cleared. */
    void end(InFlightBatch batch, boolean isSuspect);
}
