package dev.penstock.models.features;

/** What is kept of the events of one stretch of time. */
final class Tile {
    final long number;
    int events;
    final Sums[] sums;
    final DistinctValues[] distinct;
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
        this.distinct = new DistinctValues[plan.values().size()];
        for (int column = 0; column < distinct.length; column++) {
            distinct[column] = new DistinctValues();
        }
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
                distinct[column].add(value);
            }
        }
    }
}
