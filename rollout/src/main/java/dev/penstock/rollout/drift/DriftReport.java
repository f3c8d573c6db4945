package dev.penstock.rollout.drift;

/**
 * What one window of a version showed.
 *
 * @param verdict name of a {@link dev.penstock.schemas.EvidenceVerdict}: FAIL if something has drifted
 * @param drifting whether promotions should wait
 * @param began whether they should since this window
 * @param ended whether they need not any more since this window
 * @param sentence what changed most, with figures
 * @param index the largest stability index
 * @param at when the window was full, milliseconds since 1970-01-01T00:00Z
 */
public record DriftReport(
        String model,
        int version,
        String verdict,
        boolean drifting,
        boolean began,
        boolean ended,
        String sentence,
        double index,
        long at) {}
