package dev.penstock.models.features;

import org.apache.datasketches.hll.HllSketch;
import org.apache.datasketches.hll.TgtHllType;
import org.apache.datasketches.hll.Union;
import org.jspecify.annotations.Nullable;

/** About how many different values there were: a HyperLogLog sketch, which is read only when it is needed. */
final class DistinctValues {
    /** A thousand registers: half a kilobyte at most, a standard error of 3 %. */
    static final int LOG_REGISTERS = 10;

    private static final byte[] NONE = {};

    private byte @Nullable [] image;
    private @Nullable HllSketch sketch;

    DistinctValues() {
        this(NONE);
    }

    /** @param image as saved; empty for none */
    DistinctValues(byte[] image) {
        this.image = image;
    }

    void add(String value) {
        HllSketch own = sketch();
        own.update(value);
        image = null;
    }

    void addTo(Union union) {
        byte[] saved = image;
        if (saved == null || saved.length > 0) {
            union.update(sketch());
        }
    }

    byte[] image() {
        byte[] saved = image;
        if (saved == null) {
            saved = sketch().toCompactByteArray();
            image = saved;
        }
        return saved;
    }

    private HllSketch sketch() {
        HllSketch known = sketch;
        if (known == null) {
            byte[] saved = image;
            known = saved == null || saved.length == 0
                    ? new HllSketch(LOG_REGISTERS, TgtHllType.HLL_4)
                    : HllSketch.heapify(saved);
            sketch = known;
        }
        return known;
    }
}
