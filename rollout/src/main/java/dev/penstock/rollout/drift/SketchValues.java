package dev.penstock.rollout.drift;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Gathers what this task sees of each version, so that few sketches travel instead of all values: a part is passed on when
 * it has a tenth of a window, when it is a second old, and before each checkpoint, for which nothing is left to keep.
 */
public final class SketchValues extends AbstractStreamOperator<Sketched>
        implements OneInputStreamOperator<WatchedValues, Sketched> {
    private static final long OLDEST_MILLIS = 1_000;
    private static final int PARTS_OF_A_WINDOW = 10;

    private final int partRows;
    private transient Map<Watched, Distributions> parts;

    private record Watched(String model, int version) {}

    /** @param windowRows of the windows that are compared */
    public SketchValues(int windowRows) {
        partRows = Math.max(1, windowRows / PARTS_OF_A_WINDOW);
    }

    @Override
    public void open() throws Exception {
        super.open();
        parts = new HashMap<>();
        passOnLater();
    }

    @Override
    public void processElement(StreamRecord<WatchedValues> element) {
        WatchedValues values = element.getValue();
        Watched watched = new Watched(values.model(), values.version());
        Distributions part = parts.computeIfAbsent(watched, added -> new Distributions());
        part.add(values);
        if (part.rows() >= partRows) {
            parts.remove(watched);
            passOn(watched, part);
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        passOnAll();
    }

    @Override
    public void finish() throws Exception {
        passOnAll();
        super.finish();
    }

    private void passOnLater() {
        ScheduledFuture<?> unused = getProcessingTimeService()
                .registerTimer(getProcessingTimeService().getCurrentProcessingTime() + OLDEST_MILLIS, time -> {
                    passOnAll();
                    passOnLater();
                });
    }

    private void passOnAll() {
        parts.forEach(this::passOn);
        parts.clear();
    }

    private void passOn(Watched watched, Distributions part) {
        output.collect(new StreamRecord<>(part.sketched(watched.model(), watched.version())));
    }
}
