package dev.penstock.models.transit;

import java.util.List;
import java.util.OptionalInt;

/**
 * What an announcement says of a version beyond its bundle.
 *
 * @param parent the version that it was trained from; empty if it comes from elsewhere
 * @param refusedBecause why it must not serve, a sentence for each gate that it did not pass; empty if it may
 */
public record Provenance(OptionalInt parent, List<String> refusedBecause) {
    public Provenance {
        refusedBecause = List.copyOf(refusedBecause);
    }

    /** From elsewhere, and judged by nobody. */
    public static Provenance unknown() {
        return new Provenance(OptionalInt.empty(), List.of());
    }
}
