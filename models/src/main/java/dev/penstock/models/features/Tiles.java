package dev.penstock.models.features;

import java.util.ArrayList;
import java.util.List;
import org.apache.datasketches.hll.TgtHllType;
import org.apache.datasketches.hll.Union;

/** The tiles of one length that a key has, in order; those without events are not there. */
final class Tiles {
    private final TilePlan plan;
    private final List<Tile> tiles = new ArrayList<>();

    Tiles(TilePlan plan) {
        this.plan = plan;
    }

    TilePlan plan() {
        return plan;
    }

    List<Tile> all() {
        return tiles;
    }

    /** What no window can see any more is forgotten, and not added in the first place. */
    void add(Observation event, long newest) {
        forgetBefore(plan.oldest(newest));
        long number = plan.tileOf(event.eventTime());
        if (number >= plan.oldest(newest)) {
            tile(number).add(event, plan);
        }
    }

    void label(long eventTime, String label, int change, long newest) {
        int column = plan.labels().indexOf(label);
        long number = plan.tileOf(eventTime);
        if (column >= 0 && number >= plan.oldest(newest)) {
            tile(number).labelled[column] += change;
        }
    }

    private void forgetBefore(long oldest) {
        int forgotten = 0;
        while (forgotten < tiles.size() && tiles.get(forgotten).number < oldest) {
            forgotten++;
        }
        tiles.subList(0, forgotten).clear();
    }

    /** Events come nearly in order, so the end is the place to look. */
    private Tile tile(long number) {
        int place = tiles.size();
        while (place > 0 && tiles.get(place - 1).number > number) {
            place--;
        }
        if (place > 0 && tiles.get(place - 1).number == number) {
            return tiles.get(place - 1);
        }
        Tile added = new Tile(number, plan);
        tiles.add(place, added);
        return added;
    }

    double count(long from, long to) {
        long count = 0;
        for (Tile tile : tiles) {
            count += tile.number >= from && tile.number <= to ? tile.events : 0;
        }
        return count;
    }

    double sum(int column, long from, long to) {
        return over(column, from, to).sum;
    }

    double mean(int column, long from, long to) {
        Tile.Sums sums = over(column, from, to);
        return sums.events == 0 ? Double.NaN : sums.sum / sums.events;
    }

    double min(int column, long from, long to) {
        Tile.Sums sums = over(column, from, to);
        return sums.events == 0 ? Double.NaN : sums.min;
    }

    double max(int column, long from, long to) {
        Tile.Sums sums = over(column, from, to);
        return sums.events == 0 ? Double.NaN : sums.max;
    }

    /** Added up anew each time: nothing is subtracted, so no rounding stays behind. */
    private Tile.Sums over(int column, long from, long to) {
        Tile.Sums all = new Tile.Sums();
        for (Tile tile : tiles) {
            if (tile.number >= from && tile.number <= to) {
                Tile.Sums own = tile.sums[column];
                all.events += own.events;
                all.sum += own.sum;
                all.min = Math.min(all.min, own.min);
                all.max = Math.max(all.max, own.max);
            }
        }
        return all;
    }

    double distinct(int column, long from, long to) {
        Union union = new Union(DistinctValues.LOG_REGISTERS);
        for (Tile tile : tiles) {
            if (tile.number >= from && tile.number <= to) {
                tile.distinct[column].addTo(union);
            }
        }
        // An estimate of small counts is a count but for a fraction.
        return Math.rint(union.getResult(TgtHllType.HLL_4).getEstimate());
    }

    double share(int column, long from, long to) {
        long events = 0;
        long labelled = 0;
        for (Tile tile : tiles) {
            if (tile.number >= from && tile.number <= to) {
                events += tile.events;
                labelled += tile.labelled[column];
            }
        }
        // Feedback may be restored where its event was not, or be withdrawn after that: a share stays one.
        return events == 0 ? Double.NaN : Math.max(0, Math.min(1, (double) labelled / events));
    }
}
