package dev.penstock.models.features;

import java.util.List;

/** What is remembered of the events of one key. Its size does not depend on how many there were. Not thread-safe. */
public final class KeyHistory {
    private static final long NEVER = Long.MIN_VALUE / 2;
    private static final double MILLIS_PER_SECOND = 1_000;

    private final KeyPlan plan;
    private final List<Tiles> tiles;
    private long newest = NEVER;

    KeyHistory(KeyPlan plan) {
        this.plan = plan;
        this.tiles = plan.tiles().stream().map(Tiles::new).toList();
    }

    /** Whether an event is further behind the newest than the group allows: then it may see less than is true. */
    public boolean isLate(Observation event) {
        return event.eventTime() < newest - plan.latenessMillis();
    }

    /**
     * Adds an event and computes what its features are.
     *
     * @param features of the whole pipeline; those of this group are written, NaN where there is no value
     */
    public void observe(Observation event, double[] features) {
        for (KeyPlan.Reading reading : plan.readings()) {
            if (reading.isOfThePast()) {
                features[reading.feature()] = reading.formula().of(this, event);
            }
        }
        newest = Math.max(newest, event.eventTime());
        for (Tiles each : tiles) {
            each.add(event, newest);
        }
        for (KeyPlan.Reading reading : plan.readings()) {
            if (!reading.isOfThePast()) {
                features[reading.feature()] = reading.formula().of(this, event);
            }
        }
    }

    /**
     * Counts what feedback says about an earlier event.
     *
     * @param change 1 if it has the label, -1 if it has it no longer
     */
    public void label(long eventTime, String label, int change) {
        for (Tiles each : tiles) {
            each.label(eventTime, label, change, newest);
        }
    }

    /** For {@link KeyPlan#history}. */
    public byte[] bytes() {
        return HistoryFormat.write(this);
    }

    double secondsSinceLast(long eventTime, long atMostMillis) {
        // Subtracted first: the newest of a key without events is far from any overflow.
        long since = eventTime - newest;
        return newest == NEVER || since > atMostMillis ? Double.NaN : Math.max(0, since) / MILLIS_PER_SECOND;
    }

    Tiles tiles(int place) {
        return tiles.get(place);
    }

    List<Tiles> tiles() {
        return tiles;
    }

    long newest() {
        return newest;
    }

    void restore(long newestEvent) {
        newest = newestEvent;
    }
}
