package dev.penstock.inference.versions;

import java.util.Optional;

/**
 * Who answers the requests of a batch.
 *
 * @param served scores them
 * @param instead answers those on which that fails; empty where a failure is the last word
 */
public record Answerer(ServedModel served, Optional<ServedModel> instead) {
    public static Answerer alone(ServedModel served) {
        return new Answerer(served, Optional.empty());
    }

    /** Whether the model may be asked. */
    public boolean asks(ServedModel model) {
        return served.equals(model) || (instead.isPresent() && instead.get().equals(model));
    }
}
