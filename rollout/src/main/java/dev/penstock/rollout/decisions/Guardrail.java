package dev.penstock.rollout.decisions;

import dev.penstock.rollout.evidence.Bet;
import dev.penstock.rollout.evidence.Bounds;
import dev.penstock.rollout.evidence.Watch;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.EvidenceVerdict;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** One limit that needs no labels: a bet that it is broken, now or all the time, and a bet that it is kept. */
final class Guardrail {
    private final String name;
    private final double limit;
    private final Watch broken;
    private final Bet kept;

    private Guardrail(String name, double limit, Watch broken, Bet kept) {
        this.name = name;
        this.limit = limit;
        this.broken = broken;
        this.kept = kept;
    }

    /** @param limit of 1 is never broken */
    static Guardrail of(String name, double limit, Bounds bounds, int windowSize) {
        // Nothing can be more than always.
        double threshold = Math.min(limit, 1 - 1e-9);
        return new Guardrail(name, limit, Watch.above(threshold, bounds, windowSize), Bet.below(threshold, bounds));
    }

    void observe(double value) {
        broken.observe(value, 1);
        kept.observe(value, 1);
    }

    void observe(boolean happened) {
        observe(happened ? 1 : 0);
    }

    boolean isBroken(double alpha) {
        return limit < 1 && broken.shows(alpha);
    }

    boolean isKept(double alpha) {
        return limit >= 1 || kept.shows(alpha);
    }

    Check check(double alphaOfFailing, double alphaOfPassing) {
        EvidenceVerdict verdict = isBroken(alphaOfFailing)
                ? EvidenceVerdict.FAIL
                : isKept(alphaOfPassing) ? EvidenceVerdict.PASS : EvidenceVerdict.INCONCLUSIVE;
        boolean seen = kept.count() > 0;
        String detail = seen
                ? "%s: %.4f in %d rows, %.4f in the last %d; the limit is %.4f"
                        .formatted(
                                name,
                                kept.estimate(),
                                kept.count(),
                                broken.window().estimate(),
                                broken.window().count(),
                                limit)
                : "%s: no row was seen; the limit is %.4f".formatted(name, limit);
        return Check.newBuilder()
                .setName(name)
                .setVerdict(verdict)
                .setSamples(kept.count())
                .setEstimate(seen ? kept.estimate() : null)
                .setLimit(limit)
                .setSmallestEffect(seen ? kept.smallestEffect(alphaOfPassing) : null)
                .setDetail(detail)
                .build();
    }

    void write(DataOutput out) throws IOException {
        out.writeUTF(name);
        out.writeDouble(limit);
        broken.write(out);
        kept.write(out);
    }

    static Guardrail read(DataInput in) throws IOException {
        return new Guardrail(in.readUTF(), in.readDouble(), Watch.read(in), Bet.read(in));
    }
}
