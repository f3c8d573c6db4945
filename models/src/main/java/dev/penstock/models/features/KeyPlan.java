package dev.penstock.models.features;

import dev.penstock.schemas.pipelines.Aggregate;
import dev.penstock.schemas.pipelines.RequestField;
import dev.penstock.schemas.pipelines.Rolling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How the features of one group are computed from the history of a key. Immutable. */
public final class KeyPlan {
    private final String name;
    private final Duration lateness;
    private final Duration retention;
    private final List<TilePlan> tiles;
    private final List<Reading> readings;
    private final int firstFeature;

    /** One feature: what it reads, and whether it reads it before the present event is part of the history. */
    record Reading(int feature, boolean isOfThePast, Formula formula) {}

    /** NaN where there is no value. */
    interface Formula {
        double of(KeyHistory history, Observation event);
    }

    KeyPlan(Rolling group, int firstFeature, List<String> numbers, List<RequestField> values) {
        this.name = group.name();
        this.lateness = group.lateness();
        this.retention = retention(group);
        this.firstFeature = firstFeature;
        this.tiles = tiles(group, numbers, values);
        this.readings = readings(group, firstFeature);
    }

    /** Of the group; saved state goes by it. */
    public String name() {
        return name;
    }

    /** How long after an event its key may be forgotten if no other comes. */
    public Duration retention() {
        return retention;
    }

    /** How many features the group has. */
    public int size() {
        return readings.size();
    }

    /** Place of the group's first feature among those of the pipeline. */
    public int firstFeature() {
        return firstFeature;
    }

    public boolean readsFeedback() {
        return tiles.stream().anyMatch(plan -> !plan.labels().isEmpty());
    }

    /** Whether feedback with the label changes a feature. */
    public boolean counts(String label) {
        return tiles.stream().anyMatch(plan -> plan.labels().contains(label));
    }

    /** @param bytes that {@link KeyHistory#bytes} gave, even for another version of the group; null for a new key */
    public KeyHistory history(byte @Nullable [] bytes) {
        KeyHistory history = new KeyHistory(this);
        if (bytes != null) {
            HistoryFormat.read(bytes, history);
        }
        return history;
    }

    long latenessMillis() {
        return lateness.toMillis();
    }

    List<TilePlan> tiles() {
        return tiles;
    }

    List<Reading> readings() {
        return readings;
    }

    private static Duration retention(Rolling group) {
        Duration longest = Duration.ZERO;
        for (Aggregate aggregate : group.features().values()) {
            Duration own = aggregate instanceof Aggregate.Windowed windowed
                    ? windowed.window().plus(windowed.delay())
                    : ((Aggregate.SinceLast) aggregate).atMost();
            longest = own.compareTo(longest) > 0 ? own : longest;
        }
        return longest.plus(group.lateness());
    }

    /** Windows whose 24ths are of one length share their tiles. */
    private static List<TilePlan> tiles(Rolling group, List<String> numbers, List<RequestField> values) {
        Map<Long, List<Aggregate>> byLength = new TreeMap<>();
        for (Aggregate aggregate : group.features().values()) {
            if (aggregate instanceof Aggregate.Windowed windowed) {
                byLength.computeIfAbsent(TilePlan.length(windowed.window()), length -> new ArrayList<>())
                        .add(aggregate);
            }
        }
        return byLength.entrySet().stream()
                .map(entry -> TilePlan.of(entry.getKey(), group.lateness(), entry.getValue(), numbers, values))
                .toList();
    }

    private List<Reading> readings(Rolling group, int first) {
        List<Reading> all = new ArrayList<>();
        for (Aggregate aggregate : group.features().values()) {
            all.add(reading(aggregate, first + all.size()));
        }
        return List.copyOf(all);
    }

    private Reading reading(Aggregate aggregate, int feature) {
        if (aggregate instanceof Aggregate.SinceLast sinceLast) {
            return new Reading(
                    feature,
                    true,
                    (history, event) -> history.secondsSinceLast(
                            event.eventTime(), sinceLast.atMost().toMillis()));
        }
        Aggregate.Windowed windowed = (Aggregate.Windowed) aggregate;
        int place = placeOf(TilePlan.length(windowed.window()));
        TilePlan plan = tiles.get(place);
        long delay = windowed.delay().toMillis();
        Formula formula;
        if (aggregate instanceof Aggregate.Count) {
            formula = over(place, plan, delay, (tiles, from, to) -> tiles.count(from, to));
        } else if (aggregate instanceof Aggregate.Sum sum) {
            int column = plan.numbers().indexOf(sum.of());
            formula = over(place, plan, delay, (tiles, from, to) -> tiles.sum(column, from, to));
        } else if (aggregate instanceof Aggregate.Mean mean) {
            int column = plan.numbers().indexOf(mean.of());
            formula = over(place, plan, delay, (tiles, from, to) -> tiles.mean(column, from, to));
        } else if (aggregate instanceof Aggregate.Min min) {
            int column = plan.numbers().indexOf(min.of());
            formula = over(place, plan, delay, (tiles, from, to) -> tiles.min(column, from, to));
        } else if (aggregate instanceof Aggregate.Max max) {
            int column = plan.numbers().indexOf(max.of());
            formula = over(place, plan, delay, (tiles, from, to) -> tiles.max(column, from, to));
        } else if (aggregate instanceof Aggregate.Distinct distinct) {
            int column = plan.values().indexOf(distinct.of());
            formula = over(place, plan, delay, (tiles, from, to) -> tiles.distinct(column, from, to));
        } else if (aggregate instanceof Aggregate.LabelShare share) {
            int column = plan.labels().indexOf(share.label());
            formula = over(place, plan, delay, (tiles, from, to) -> tiles.share(column, from, to));
        } else if (aggregate instanceof Aggregate.RatioToMean ratio) {
            int column = plan.numbers().indexOf(ratio.of());
            int number = plan.numberPlaces()[column];
            Formula mean = over(place, plan, delay, (tiles, from, to) -> tiles.mean(column, from, to));
            return new Reading(feature, true, (history, event) -> {
                double ratioToMean = event.numbers()[number] / mean.of(history, event);
                return Double.isFinite(ratioToMean) ? ratioToMean : Double.NaN;
            });
        } else {
            throw new IllegalStateException("Cannot compute unknown aggregate " + aggregate);
        }
        return new Reading(feature, false, formula);
    }

    /** A value of the tiles from one number to another, both included. */
    private interface Stretch {
        double of(Tiles tiles, long from, long to);
    }

    private static Formula over(int place, TilePlan plan, long delay, Stretch stretch) {
        return (history, event) -> stretch.of(
                history.tiles(place), plan.first(event.eventTime(), delay), plan.last(event.eventTime(), delay));
    }

    private int placeOf(long length) {
        for (int place = 0; place < tiles.size(); place++) {
            if (tiles.get(place).lengthMillis() == length) {
                return place;
            }
        }
        throw new IllegalStateException("Cannot find tiles of %d ms".formatted(length));
    }
}
