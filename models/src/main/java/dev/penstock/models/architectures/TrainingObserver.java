package dev.penstock.models.architectures;

/** Watches a training and can end it. Called in the thread that trains. */
@FunctionalInterface
public interface TrainingObserver {
    /** After each epoch. */
    void learned(TrainingProgress progress);

    /**
     * After each step.
     *
     * @param step from 1
     * @param steps that are planned; early stopping takes fewer
     * @param loss of the step's examples, before it
     */
    default void stepped(long step, long steps, double loss) {}

    /** It has learned; what comes out is judged now. */
    default void judging() {}

    /** Asked before each step: true ends the training with a {@link TrainingCancelledException}. */
    default boolean isCancelled() {
        return false;
    }
}
