package dev.penstock.rollout.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.schemas.EvidenceVerdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** What is found in worlds that are known, since they are drawn. */
class ComparisonTest {
    private static final int WINDOWS = 200;
    private static final int ROWS = 1_000;
    private static final int FEATURES = 12;

    @Test
    void hardlyEverCriesWhereNothingHasChanged() {
        Random random = new Random(1);
        Distributions reference = drawn(random, 1_000, 0, 1, 0.1);
        int drifted = 0;
        int worthALook = 0;

        for (int window = 0; window < WINDOWS; window++) {
            EvidenceVerdict verdict =
                    Comparison.of(reference, drawn(random, ROWS, 0, 1, 0.1)).verdict();
            drifted += verdict == EvidenceVerdict.FAIL ? 1 : 0;
            worthALook += verdict == EvidenceVerdict.INCONCLUSIVE ? 1 : 0;
        }

        System.out.printf(
                "No drift, %d features, reference of 1,000, %d windows of %d: %d drifted, %d worth a look%n",
                FEATURES, WINDOWS, ROWS, drifted, worthALook);
        assertThat(drifted).isLessThanOrEqualTo(WINDOWS / 100);
        assertThat(worthALook).isLessThanOrEqualTo(WINDOWS / 100);
    }

    /** The index of so few rows passes 0.1 by chance alone. */
    @Test
    void hardlyEverCriesWhereTheReferenceIsSmall() {
        Random random = new Random(2);
        int drifted = 0;
        int beyondTheLimit = 0;

        for (int window = 0; window < WINDOWS; window++) {
            Distributions reference = drawn(random, 120, 0, 1, 0.1);
            Comparison comparison = Comparison.of(reference, drawn(random, 1_000, 0, 1, 0.1));
            drifted += comparison.verdict() == EvidenceVerdict.FAIL ? 1 : 0;
            beyondTheLimit +=
                    comparison.findings().stream().anyMatch(finding -> finding.index() >= Comparison.INDEX_WARNS)
                            ? 1
                            : 0;
        }

        System.out.printf(
                "No drift, references of 120: %d of %d drifted, %d had an index of 0.1 or more%n",
                drifted, WINDOWS, beyondTheLimit);
        assertThat(beyondTheLimit).isGreaterThan(WINDOWS / 2);
        assertThat(drifted).isLessThanOrEqualTo(WINDOWS / 50);
    }

    @Test
    void findsAShiftedMean() {
        Random random = new Random(3);
        Distributions reference = drawn(random, 1_000, 0, 1, 0.1);
        int found = 0;

        for (int window = 0; window < WINDOWS; window++) {
            Comparison comparison = Comparison.of(reference, drawn(random, ROWS, 0.5, 1, 0.1));
            Comparison.Finding worst = comparison.findings().get(0);
            found +=
                    comparison.verdict() == EvidenceVerdict.FAIL && worst.name().equals("rolling.changing") ? 1 : 0;
        }

        System.out.printf("Mean shifted by half a deviation: found in %d of %d windows%n", found, WINDOWS);
        assertThat(found).isEqualTo(WINDOWS);
    }

    @Test
    void findsAnotherSpread() {
        Random random = new Random(4);
        Distributions reference = drawn(random, 1_000, 0, 1, 0.1);

        Comparison comparison = Comparison.of(reference, drawn(random, ROWS, 0, 2, 0.1));

        assertThat(comparison.verdict()).isEqualTo(EvidenceVerdict.FAIL);
        assertThat(comparison.findings().get(0).name()).isEqualTo("rolling.changing");
        assertThat(comparison.findings().get(0).detail()).contains("1,000 values against 1,000");
    }

    @Test
    void findsOtherDecisions() {
        Random random = new Random(5);
        Distributions reference = drawn(random, 1_000, 0, 1, 0.1);

        Comparison comparison = Comparison.of(reference, drawn(random, ROWS, 0, 1, 0.4));

        assertThat(comparison.verdict()).isEqualTo(EvidenceVerdict.FAIL);
        assertThat(comparison.findings().get(0).name()).isEqualTo("decision");
    }

    /** A mean that moves by a tenth of a deviation moves the distribution by 0.04. */
    @Test
    void leavesAloneWhatIsTooSmallToMatter() {
        Random random = new Random(6);
        Distributions reference = drawn(random, 50_000, 0, 1, 0.1);
        Distributions window = drawn(random, 50_000, 0.1, 1, 0.1);

        KolmogorovSmirnov test = KolmogorovSmirnov.of(
                reference.numbers().get("rolling.changing"), window.numbers().get("rolling.changing"));

        assertThat(test.distance()).isBetween(0.01, 0.09);
        assertThat(Comparison.of(reference, window).verdict()).isEqualTo(EvidenceVerdict.PASS);
    }

    @Test
    void aFeatureThatFewRequestsHaveSaysNothing() {
        Distributions reference = drawn(new Random(7), 1_000, 0, 1, 0.1);
        Distributions window = new Distributions();
        window.add(new WatchedValues("spam", 3, 0, Map.of("rolling.changing", 9.0), Map.of()));

        Comparison comparison = Comparison.of(reference, window);

        assertThat(comparison.verdict()).isEqualTo(EvidenceVerdict.INCONCLUSIVE);
        assertThat(comparison.findings().get(0).detail())
                .isEqualTo("1 values against 1,000 are too few; 100 each are needed");
    }

    @Test
    void aFeatureThatHasOneValueOnlyMayKeepIt() {
        Distributions before = new Distributions();
        Distributions same = new Distributions();
        Distributions other = new Distributions();
        for (int row = 0; row < 1_000; row++) {
            before.add(new WatchedValues("spam", 3, 0, Map.of("rolling.flag", 0.0), Map.of()));
            same.add(new WatchedValues("spam", 3, 0, Map.of("rolling.flag", 0.0), Map.of()));
            other.add(new WatchedValues("spam", 3, 0, Map.of("rolling.flag", row % 2.0), Map.of()));
        }

        assertThat(Comparison.of(before, same).verdict()).isEqualTo(EvidenceVerdict.PASS);
        assertThat(Comparison.of(before, other).verdict()).isEqualTo(EvidenceVerdict.FAIL);
    }

    @Test
    void mergedPartsAreAsGoodAsTheWhole() {
        Random random = new Random(8);
        Distributions reference = drawn(random, 10_000, 0, 1, 0.1);
        Distributions merged = new Distributions();
        for (int part = 0; part < 50; part++) {
            merged.add(drawn(random, 200, 0, 1, 0.1).sketched("spam", 3));
        }

        Comparison comparison = Comparison.of(reference, merged);

        assertThat(merged.rows()).isEqualTo(10_000);
        assertThat(merged.numbers().get("rolling.changing").getN()).isEqualTo(10_000);
        assertThat(merged.words().get("decision").values()).satisfies(counts -> assertThat(
                        counts.stream().mapToLong(Long::longValue).sum())
                .isEqualTo(10_000));
        assertThat(comparison.verdict()).isEqualTo(EvidenceVerdict.PASS);
    }

    /** Values from tables: chi-squared of 9 degrees at 0.05 and 0.01, the normal tail, Kolmogorov's at 0.05 and 0.01. */
    @Test
    void chanceIsAsTablesSay() {
        assertThat(Chance.ofChiSquared(16.919, 9)).isCloseTo(0.05, within(0.001));
        assertThat(Chance.ofChiSquared(21.666, 9)).isCloseTo(0.01, within(0.0005));
        assertThat(Chance.ofChiSquared(3.841, 1)).isCloseTo(0.05, within(0.005));
        assertThat(Chance.ofNormal(1.959964)).isCloseTo(0.025, within(1e-6));
        assertThat(Chance.ofNormal(-1.959964)).isCloseTo(0.975, within(1e-6));
        double manyRows = 1e8;
        assertThat(Chance.ofDistance(1.3581 / Math.sqrt(manyRows), manyRows)).isCloseTo(0.05, within(0.0002));
        assertThat(Chance.ofDistance(1.6276 / Math.sqrt(manyRows), manyRows)).isCloseTo(0.01, within(0.0001));
        assertThat(Chance.ofDistance(0, 100)).isEqualTo(1);
    }

    /**
     * Requests with a dozen features: normal, exponential, counts, flags; the first is what changes.
     *
     * @param spam share that is decided as spam
     */
    private static Distributions drawn(Random random, int rows, double mean, double deviation, double spam) {
        Distributions drawn = new Distributions();
        for (int row = 0; row < rows; row++) {
            Map<String, Double> numbers = new HashMap<>();
            numbers.put("rolling.changing", mean + deviation * random.nextGaussian());
            for (int feature = 1; feature < FEATURES; feature++) {
                ToDoubleFunction<Random> kind = KINDS.get(feature % KINDS.size());
                numbers.put("rolling.%d".formatted(feature), kind.applyAsDouble(random));
            }
            drawn.add(new WatchedValues(
                    "spam", 3, row, numbers, Map.of("decision", random.nextDouble() < spam ? "spam" : "ham")));
        }
        return drawn;
    }

    private static final List<ToDoubleFunction<Random>> KINDS = List.of(
            Random::nextGaussian,
            random -> -Math.log(1 - random.nextDouble()),
            random -> random.nextInt(4),
            random -> random.nextDouble() < 0.02 ? 1 : 0);
}
