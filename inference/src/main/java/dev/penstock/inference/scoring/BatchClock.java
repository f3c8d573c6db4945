package dev.penstock.inference.scoring;

import java.util.Collection;
import java.util.function.LongSupplier;

/** Looks after batches that are being gathered when their time has come, for all pipelines of a task. On its thread. */
final class BatchClock {
    private final Collection<PipelineScoring> pipelines;
    private final Alarm alarm;
    private final LongSupplier nanoTime;
    private boolean isSet;
    private long setFor;

    /** Runs something on the task's thread later. */
    interface Alarm {
        void after(long nanos, Runnable work);
    }

    /** @param nanoTime as {@link System#nanoTime} */
    BatchClock(Collection<PipelineScoring> pipelines, Alarm alarm, LongSupplier nanoTime) {
        this.pipelines = pipelines;
        this.alarm = alarm;
        this.nanoTime = nanoTime;
    }

    /** To be called when a batch was opened or could be scored now: it may need to be looked after sooner than others. */
    void set() {
        long delay = Long.MAX_VALUE;
        for (PipelineScoring pipeline : pipelines) {
            long next = pipeline.nextTick();
            if (next >= 0) {
                delay = Math.min(delay, next);
            }
        }
        if (delay == Long.MAX_VALUE) {
            return;
        }
        long time = nanoTime.getAsLong() + delay;
        if (!isSet || time - setFor < 0) {
            isSet = true;
            setFor = time;
            alarm.after(delay, this::tick);
        }
    }

    private void tick() {
        isSet = false;
        pipelines.forEach(PipelineScoring::tick);
        set();
    }
}
