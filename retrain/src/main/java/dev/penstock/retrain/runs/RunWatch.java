package dev.penstock.retrain.runs;

/** What a training tells while it runs, and what it is told. For the thread that trains. */
public interface RunWatch {
    /** Whether it is to stop soon. */
    boolean isCancelled();

    /**
     * @param step of how many
     * @param loss mean of the last epoch
     * @param heldOutScore share of held-out examples that are decided rightly; NaN if it is not known
     */
    void learning(long step, long steps, double loss, double heldOutScore);

    /** It has learned and is judged now. */
    void judging();
}
