package dev.penstock.rollout.joining;

import dev.penstock.schemas.Variant;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one request until nothing more is expected.
 *
 * @param served what its sender was told
 * @param beside what the version on trial would have said, or that it failed
 * @param believed the last word of the highest source
 * @param told the label that was handed in, as it was changed last
 * @param toldAt when it was handed in first, in milliseconds since 1970-01-01T00:00Z; 0 if nothing was, or if that was by a
 *     job that did not note it
 * @param toldOfPair whether it was handed in with the shadow's answer
 */
public record KnownRequest(
        @Nullable GivenAnswer served,
        @Nullable GivenAnswer beside,
        @Nullable GivenLabel believed,
        @Nullable GivenLabel told,
        long toldAt,
        boolean toldOfPair) {
    static final KnownRequest NOTHING = new KnownRequest(null, null, null, null, 0, false);

    KnownRequest servedWith(GivenAnswer answer) {
        return new KnownRequest(answer, beside, believed, told, toldAt, toldOfPair);
    }

    KnownRequest answeredBeside(GivenAnswer answer) {
        return new KnownRequest(served, answer, believed, told, toldAt, toldOfPair);
    }

    KnownRequest believing(@Nullable GivenLabel label) {
        return new KnownRequest(served, beside, label, told, toldAt, toldOfPair);
    }

    KnownRequest told(GivenLabel label, long at) {
        return new KnownRequest(served, beside, believed, label, at, pair() != null);
    }

    KnownRequest toldOtherwise(GivenLabel label) {
        return new KnownRequest(served, beside, believed, label, toldAt, toldOfPair);
    }

    /** The shadow's answer, if it can be compared with what was served: a repeated request may have had another pair. */
    @Nullable
    GivenAnswer pair() {
        boolean isPair = served != null
                && beside != null
                && beside.isShadow()
                && served.variant() == Variant.CHAMPION
                && served.model().equals(beside.model())
                && served.version() != beside.version();
        return isPair ? beside : null;
    }

    /** Whether a shadow's answer may yet come. */
    boolean mayBeShadowed() {
        return served != null && served.variant() == Variant.CHAMPION && beside == null;
    }
}
