package dev.penstock.rollout.drift;

import dev.penstock.schemas.Check;
import dev.penstock.schemas.EvidenceVerdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.datasketches.kll.KllFloatsSketch;
import org.apache.datasketches.quantilescommon.QuantileSearchCriteria;

/**
 * What a window of requests shows against the reference, a finding for everything that both have.
 *
 * <p>Something has drifted if chance does not explain it and it matters: a stability index of {@value #INDEX_ACTS} or
 * more, or a Kolmogorov-Smirnov distance of {@value #DISTANCE_ACTS} or more. Either size is asked for since of many rows
 * every difference is significant. Chance explains what comes more often than once in a hundred windows, where as many
 * things are watched (Bonferroni).
 *
 * @param findings the worst first
 */
record Comparison(List<Finding> findings) {
    static final double INDEX_WARNS = 0.1;
    static final double INDEX_ACTS = 0.25;
    static final double DISTANCE_ACTS = 0.1;

    private static final double CHANCE = 0.01;

    /** A feature that so few requests have says nothing. */
    private static final int FEWEST_VALUES = 100;

    /**
     * @param severity 1 or more if it has drifted
     * @param verdict FAIL if it has drifted, INCONCLUSIVE if it is worth a look or too little is known, else PASS
     */
    record Finding(String name, long samples, double index, double severity, EvidenceVerdict verdict, String detail) {
        Check check() {
            return Check.newBuilder()
                    .setName("drift." + name)
                    .setVerdict(verdict)
                    .setSamples(samples)
                    .setEstimate(Double.isNaN(index) ? null : index)
                    .setLimit(INDEX_ACTS)
                    .setDetail(detail)
                    .build();
        }
    }

    static Comparison of(Distributions reference, Distributions window) {
        Set<String> names = new TreeSet<>(reference.numbers().keySet());
        names.retainAll(window.numbers().keySet());
        Set<String> texts = new TreeSet<>(reference.words().keySet());
        texts.retainAll(window.words().keySet());
        double chance = CHANCE / Math.max(1, 2 * names.size() + texts.size());
        List<Finding> findings = new ArrayList<>();
        for (String name : names) {
            findings.add(ofNumbers(
                    name, reference.numbers().get(name), window.numbers().get(name), chance));
        }
        for (String name : texts) {
            findings.add(
                    ofWords(name, reference.words().get(name), window.words().get(name), chance));
        }
        findings.sort(Comparator.comparingDouble(Finding::severity).reversed());
        return new Comparison(List.copyOf(findings));
    }

    /** FAIL if anything has drifted; PASS if nothing is even worth a look. */
    EvidenceVerdict verdict() {
        Set<EvidenceVerdict> verdicts = new TreeSet<>();
        findings.forEach(finding -> verdicts.add(finding.verdict()));
        if (verdicts.contains(EvidenceVerdict.FAIL)) {
            return EvidenceVerdict.FAIL;
        }
        return findings.isEmpty() || verdicts.contains(EvidenceVerdict.INCONCLUSIVE)
                ? EvidenceVerdict.INCONCLUSIVE
                : EvidenceVerdict.PASS;
    }

    private static Finding ofNumbers(String name, KllFloatsSketch before, KllFloatsSketch now, double chance) {
        long samples = Math.min(before.getN(), now.getN());
        if (samples < FEWEST_VALUES) {
            return tooFew(name, now.getN(), before.getN());
        }
        StabilityIndex stability = StabilityIndex.of(before, now);
        KolmogorovSmirnov test = KolmogorovSmirnov.of(before, now);
        double severity =
                Math.max(severity(stability, chance), test.chance() < chance ? test.distance() / DISTANCE_ACTS : 0);
        return new Finding(
                name,
                now.getN(),
                stability.index(),
                severity,
                verdict(severity, stability, chance),
                "stability index %.3f, Kolmogorov-Smirnov distance %.3f (p %.2g), of %,d values against %,d; medians %.4g and before %.4g"
                        .formatted(
                                stability.index(),
                                test.distance(),
                                test.chance(),
                                now.getN(),
                                before.getN(),
                                median(now),
                                median(before)));
    }

    private static Finding ofWords(String name, Map<String, Long> before, Map<String, Long> now, double chance) {
        long samplesBefore = sum(before);
        long samplesNow = sum(now);
        if (Math.min(samplesBefore, samplesNow) < FEWEST_VALUES) {
            return tooFew(name, samplesNow, samplesBefore);
        }
        StabilityIndex stability = StabilityIndex.of(before, now);
        double severity = severity(stability, chance);
        return new Finding(
                name,
                samplesNow,
                stability.index(),
                severity,
                verdict(severity, stability, chance),
                "stability index %.3f, of %,d words against %,d"
                        .formatted(stability.index(), samplesNow, samplesBefore));
    }

    private static Finding tooFew(String name, long now, long before) {
        return new Finding(
                name,
                now,
                Double.NaN,
                0,
                EvidenceVerdict.INCONCLUSIVE,
                "%,d values against %,d are too few; %,d each are needed".formatted(now, before, FEWEST_VALUES));
    }

    private static double severity(StabilityIndex stability, double chance) {
        return stability.chance() < chance ? stability.index() / INDEX_ACTS : 0;
    }

    private static EvidenceVerdict verdict(double severity, StabilityIndex stability, double chance) {
        if (severity >= 1) {
            return EvidenceVerdict.FAIL;
        }
        boolean isWorthALook = stability.index() >= INDEX_WARNS && stability.chance() < chance;
        return isWorthALook ? EvidenceVerdict.INCONCLUSIVE : EvidenceVerdict.PASS;
    }

    private static double median(KllFloatsSketch sketch) {
        return sketch.getQuantile(0.5, QuantileSearchCriteria.INCLUSIVE);
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
