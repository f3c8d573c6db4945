package dev.penstock.chaos.judging;

import java.time.Instant;

/** What a reader of committed records saw of one event. */
public sealed interface Outcome {
    /** @return which event, as the sender counted */
    long number();

    /**
     * A prediction.
     *
     * @param entity whose event it was
     * @param partition of the topic of predictions: order is what one partition shows
     * @param version of the model that answered, 1 or more
     * @param onTrial whether the version answered as the rollout's canary or its control; else the champion answered
     *     instead, as it does with what may have killed a process
     * @param requestedAt timestamp of the request, by which the rollout's step is found
     */
    record Predicted(long number, String entity, int partition, int version, boolean onTrial, Instant requestedAt)
            implements Outcome {}

    /**
     * A dead letter.
     *
     * @param code why
     */
    record Buried(long number, String code) implements Outcome {}
}
