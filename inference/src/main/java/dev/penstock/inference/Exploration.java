package dev.penstock.inference;

import dev.penstock.schemas.configuration.Checks;
import java.io.Serializable;

/**
 * Which decisions of a pipeline are left out now and then, because they block the label that would tell whether they were
 * right.
 *
 * @param label that is decided for, one of the model's
 * @param share of such decisions that are not made, 0 to 1; 0 for none
 */
public record Exploration(String label, double share) implements Serializable {
    private static final Exploration NONE = new Exploration("", 0);

    public Exploration {
        new Checks()
                .require(share >= 0 && share <= 1, "share", "%s is not between 0 and 1; use 0.01".formatted(share))
                .require(
                        share == 0 || !label.isBlank(),
                        "label",
                        "there is none; name the label that blocks its own truth")
                .refuse("exploration");
    }

    /** Every decision is made. */
    public static Exploration none() {
        return NONE;
    }
}
