package dev.penstock.models.features;

import org.apache.datasketches.hll.HllSketch;
import org.apache.datasketches.hll.TgtHllType;
import org.jspecify.annotations.Nullable;

/** What is kept of the events of one stretch of time. */
final class Tile {
    /** A thousand registers: half a kilobyte at most, a standard error of 3 %. */
    static final int LOG_REGISTERS = 10;

    final long number;
    int events;
    final Sums[] sums;
    final @Nullable HllSketch[] distinct;
    final int[] labelled;

    /** Of one number, over the events that have it. */
    static final class Sums {
        int events;
        double sum;
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;

        void add(double value) {
            events++;
            sum += value;
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
    }

    Tile(long number, TilePlan plan) {
        this.number = number;
        this.sums = new Sums[plan.numbers().size()];
        for (int column = 0; column < sums.length; column++) {
            sums[column] = new Sums();
        }
        this.distinct = new HllSketch[plan.values().size()];
        this.labelled = new int[plan.labels().size()];
    }

    void add(Observation event, TilePlan plan) {
        events++;
        for (int column = 0; column < sums.length; column++) {
            double value = event.numbers()[plan.numberPlaces()[column]];
            if (!Double.isNaN(value)) {
                sums[column].add(value);
            }
        }
        for (int column = 0; column < distinct.length; column++) {
            String value = event.values()[plan.valuePlaces()[column]];
            if (value != null) {
                HllSketch sketch = distinct[column];
                if (sketch == null) {
                    sketch = new HllSketch(LOG_REGISTERS, TgtHllType.HLL_4);
                    distinct[column] = sketch;
                }
                sketch.update(value);
            }
        }
    }
}
