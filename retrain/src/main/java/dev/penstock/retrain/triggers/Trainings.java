package dev.penstock.retrain.triggers;

import dev.penstock.retrain.runs.TrainingOrder;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.jspecify.annotations.Nullable;

/** Which training of the current key's model is under way or waits for another attempt, and when the last one ended. */
final class Trainings {
    private final ValueState<TrainingOrder> underWay;
    private final ValueState<TrainingOrder> toRetry;
    private final ValueState<Long> retryAt;
    private final ValueState<Long> lastEnded;

    Trainings(RuntimeContext context) {
        TypeInformation<TrainingOrder> order = TypeInformation.of(TrainingOrder.class);
        underWay = context.getState(new ValueStateDescriptor<>("training-under-way", order));
        toRetry = context.getState(new ValueStateDescriptor<>("training-to-retry", order));
        retryAt = context.getState(new ValueStateDescriptor<>("retry-at", Types.LONG));
        lastEnded = context.getState(new ValueStateDescriptor<>("last-ended", Types.LONG));
    }

    void begin(TrainingOrder order) throws Exception {
        underWay.update(order);
        giveUp();
    }

    @Nullable
    TrainingOrder underWay() throws Exception {
        return underWay.value();
    }

    /** A record that the training under way names is not a reason for the next. */
    boolean isBeingLearned(TrainingNews example) throws Exception {
        TrainingOrder order = underWay.value();
        return order != null
                && order.ranges().stream()
                        .anyMatch(range -> range.partition() == example.partition() && example.offset() < range.to());
    }

    /** @param at in milliseconds since 1970-01-01T00:00Z, as all times here */
    void ended(long at) throws Exception {
        Long before = lastEnded.value();
        lastEnded.update(before == null ? at : Math.max(before, at));
    }

    @Nullable
    Long lastEnded() throws Exception {
        return lastEnded.value();
    }

    /** None is under way any more. */
    void clear() {
        underWay.clear();
    }

    // What is tried again

    void retry(TrainingOrder failed, long at) throws Exception {
        toRetry.update(failed);
        retryAt.update(at);
    }

    /** The one that failed; null if none waits. */
    @Nullable
    TrainingOrder toRetry() throws Exception {
        return retryAt.value() == null ? null : toRetry.value();
    }

    boolean isRetryDue(long now) throws Exception {
        Long at = retryAt.value();
        return at != null && now >= at;
    }

    /** What failed is not tried again. */
    void giveUp() {
        toRetry.clear();
        retryAt.clear();
    }
}
