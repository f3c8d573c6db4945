package dev.penstock.models.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.schemas.pipelines.Aggregate;
import dev.penstock.schemas.pipelines.RequestField;
import dev.penstock.schemas.pipelines.Rolling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyHistoryTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final RequestField TERMINAL = RequestField.parse("category.terminal");

    private static final Map<String, Aggregate> EVERY_KIND = everyKind();

    private static Map<String, Aggregate> everyKind() {
        Map<String, Aggregate> all = new LinkedHashMap<>();
        for (Duration window : List.of(HOUR, DAY)) {
            for (Duration delay : List.of(Duration.ZERO, HOUR)) {
                String suffix = "-" + window + "-" + delay;
                all.put("count" + suffix, new Aggregate.Count(window, delay));
                all.put("sum" + suffix, new Aggregate.Sum("amount", window, delay));
                all.put("mean" + suffix, new Aggregate.Mean("amount", window, delay));
                all.put("min" + suffix, new Aggregate.Min("amount", window, delay));
                all.put("max" + suffix, new Aggregate.Max("amount", window, delay));
                all.put("distinct" + suffix, new Aggregate.Distinct(TERMINAL, window, delay));
                all.put("ratio" + suffix, new Aggregate.RatioToMean("amount", window, delay));
                all.put("share" + suffix, new Aggregate.LabelShare("fraud", window, delay));
            }
        }
        all.put("since-last", new Aggregate.SinceLast(DAY));
        return all;
    }

    private record Event(long time, double amount, String terminal, boolean isFraud) {
        Observation observation() {
            return new Observation(time, new String[] {"card"}, new double[] {amount}, new String[] {terminal});
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void computesWhatAListOfAllEventsWouldGive(long seed) {
        Random random = new Random(seed);
        KeyPlan plan = plan(EVERY_KIND);
        List<Event> past = new ArrayList<>();
        byte[] saved = null;
        long newest = 1_700_000_000_000L;
        for (int round = 0; round < 400; round++) {
            newest += (long) (random.nextDouble() * random.nextInt(3) * HOUR.toMillis());
            boolean isOutOfOrder = random.nextInt(5) == 0;
            long time = isOutOfOrder ? newest - random.nextInt((int) HOUR.toMillis()) : newest;
            double amount = random.nextInt(10) == 0 ? Double.NaN : random.nextInt(1_000) / 10.0;
            Event event = new Event(time, amount, "terminal-" + random.nextInt(30), random.nextInt(4) == 0);
            KeyHistory history = plan.history(saved);
            double[] features = new double[plan.size()];

            history.observe(event.observation(), features);

            assertAgree(features, past, event);
            if (event.isFraud()) {
                history.label(event.time(), "fraud", 1);
            }
            past.add(event);
            saved = history.bytes();
        }
        assertThat(saved).hasSizeLessThan(64 * 1024);
    }

    private static void assertAgree(double[] features, List<Event> past, Event event) {
        int feature = 0;
        for (Map.Entry<String, Aggregate> entry : EVERY_KIND.entrySet()) {
            double expected = expected(entry.getValue(), past, event);
            double tolerance = Math.max(1e-9, Math.abs(expected) * 1e-9);
            if (Double.isNaN(expected)) {
                assertThat(features[feature]).as(entry.getKey()).isNaN();
            } else {
                assertThat(features[feature]).as(entry.getKey()).isCloseTo(expected, within(tolerance));
            }
            feature++;
        }
    }

    private static double expected(Aggregate aggregate, List<Event> past, Event event) {
        if (aggregate instanceof Aggregate.SinceLast) {
            long last = past.stream().mapToLong(Event::time).max().orElse(Long.MIN_VALUE / 2);
            long since = event.time() - last;
            return since > DAY.toMillis() ? Double.NaN : Math.max(0, since) / 1_000.0;
        }
        List<Event> all = new ArrayList<>(past);
        if (!(aggregate instanceof Aggregate.RatioToMean)) {
            all.add(event);
        }
        Aggregate.Windowed windowed = (Aggregate.Windowed) aggregate;
        long step = windowed.window().toMillis() / 24;
        long end = event.time() - windowed.delay().toMillis();
        long from = (Math.floorDiv(end, step) - 24) * step;
        long to = windowed.delay().isZero() ? (Math.floorDiv(end, step) + 1) * step : Math.floorDiv(end, step) * step;
        List<Event> seen = all.stream()
                .filter(each -> each.time() >= from && each.time() < to)
                .toList();
        List<Event> withAmount =
                seen.stream().filter(each -> !Double.isNaN(each.amount())).toList();
        ToDoubleFunction<List<Event>> mean =
                events -> events.stream().mapToDouble(Event::amount).average().orElse(Double.NaN);
        if (aggregate instanceof Aggregate.Count) {
            return seen.size();
        } else if (aggregate instanceof Aggregate.Sum) {
            return withAmount.stream().mapToDouble(Event::amount).sum();
        } else if (aggregate instanceof Aggregate.Mean) {
            return mean.applyAsDouble(withAmount);
        } else if (aggregate instanceof Aggregate.Min) {
            return withAmount.stream().mapToDouble(Event::amount).min().orElse(Double.NaN);
        } else if (aggregate instanceof Aggregate.Max) {
            return withAmount.stream().mapToDouble(Event::amount).max().orElse(Double.NaN);
        } else if (aggregate instanceof Aggregate.Distinct) {
            return seen.stream().map(Event::terminal).distinct().count();
        } else if (aggregate instanceof Aggregate.RatioToMean) {
            double ratio = event.amount() / mean.applyAsDouble(withAmount);
            return Double.isFinite(ratio) ? ratio : Double.NaN;
        }
        // Feedback came for every event but the present one.
        double frauds = past.stream()
                .filter(each -> each.isFraud() && each.time() >= from && each.time() < to)
                .count();
        return seen.isEmpty() ? Double.NaN : frauds / seen.size();
    }

    @Test
    void looksBackTheWholeWindowAndATwentyFourthMoreAtMost() {
        KeyPlan plan = plan(Map.of("count", new Aggregate.Count(DAY, Duration.ZERO)));
        for (long minutes = 0; minutes < 3 * 24 * 60; minutes += 7) {
            KeyHistory history = plan.history(null);
            double[] count = new double[1];
            history.observe(at(0), count);
            history.observe(at(minutes * 60_000), count);

            boolean isWithin = minutes <= 24 * 60;
            boolean isBeyond = minutes > 25 * 60;
            assertThat(count[0]).as("after %d minutes", minutes).isBetween(isWithin ? 2.0 : 1.0, isBeyond ? 1.0 : 2.0);
        }
    }

    @Test
    void seesNothingYoungerThanTheDelay() {
        KeyPlan plan = plan(Map.of("share", new Aggregate.LabelShare("fraud", DAY, DAY)));
        for (long minutes = 0; minutes < 3 * 24 * 60; minutes += 7) {
            KeyHistory history = plan.history(null);
            double[] share = new double[1];
            history.observe(at(0), share);
            history.label(0, "fraud", 1);
            history.observe(at(minutes * 60_000), share);

            if (minutes < 24 * 60) {
                assertThat(share[0]).as("after %d minutes", minutes).isNaN();
            } else if (minutes >= 25 * 60 && minutes < 48 * 60) {
                assertThat(share[0]).as("after %d minutes", minutes).isEqualTo(1);
            }
        }
    }

    @Test
    void takesBackWhatFeedbackTakesBack() {
        KeyPlan plan = plan(Map.of("share", new Aggregate.LabelShare("fraud", DAY, Duration.ZERO)));
        KeyHistory history = plan.history(null);
        double[] share = new double[1];
        history.observe(at(0), share);
        history.label(0, "fraud", 1);
        history.observe(at(1), share);
        assertThat(share[0]).isEqualTo(0.5);

        history.label(0, "fraud", -1);

        history.observe(at(2), share);
        assertThat(share[0]).isZero();
    }

    @Test
    void knowsALateEventAndForgetsWhatNoWindowSees() {
        KeyPlan plan = plan(Map.of("count", new Aggregate.Count(HOUR, Duration.ZERO)));
        KeyHistory history = plan.history(null);
        double[] count = new double[1];
        history.observe(at(DAY.toMillis()), count);

        assertThat(history.isLate(at(DAY.toMillis() - HOUR.toMillis()))).isFalse();
        assertThat(history.isLate(at(DAY.toMillis() - HOUR.toMillis() - 1))).isTrue();
        int size = history.bytes().length;
        for (int event = 0; event < 1_000; event++) {
            history.observe(at(event), count);
        }
        assertThat(history.bytes()).hasSize(size);
    }

    @Test
    void keepsWhatItKnowsWhenTheGroupChanges() {
        Aggregate.Sum daily = new Aggregate.Sum("amount", DAY, Duration.ZERO);
        KeyPlan before = plan(Map.of("sum", daily, "hourly", new Aggregate.Count(HOUR, Duration.ZERO)));
        KeyHistory history = before.history(null);
        history.observe(new Event(0, 5, "a", false).observation(), new double[2]);
        Map<String, Aggregate> changed = new LinkedHashMap<>();
        changed.put("sum", daily);
        changed.put("distinct", new Aggregate.Distinct(TERMINAL, DAY, Duration.ZERO));
        KeyPlan after = plan(changed);
        double[] features = new double[2];

        after.history(history.bytes()).observe(new Event(1, 6, "b", false).observation(), features);

        assertThat(features).containsExactly(11, 1);
    }

    @Test
    void saysSoWhenItCannotReadItsState() {
        KeyPlan plan = plan(EVERY_KIND);

        assertThatThrownBy(() -> plan.history(new byte[] {9}))
                .hasMessage(
                        "Cannot read the history of a key: it is of format 9, this version knows 1; start from a state that this version wrote");
        assertThatThrownBy(() -> plan.history(new byte[] {1, 0})).hasMessageContaining("its 2 bytes end early");
    }

    private static Observation at(long time) {
        return new Event(time, 1, "somewhere", false).observation();
    }

    private static KeyPlan plan(Map<String, Aggregate> features) {
        Rolling group = new Rolling("card", RequestField.parse("entity"), HOUR, features);
        return new KeyPlan(group, 0, List.of("amount"), List.of(TERMINAL));
    }
}
