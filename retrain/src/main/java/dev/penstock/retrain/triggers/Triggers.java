package dev.penstock.retrain.triggers;

import dev.penstock.schemas.TrainingCause;
import org.apache.flink.streaming.api.TimerService;
import org.jspecify.annotations.Nullable;

/** What begins a training of the current key's model: a person at once, and drift, labels or the schedule where they may. */
final class Triggers {
    private final NewLabels labels;
    private final Wishes wishes;
    private final Trainings trainings;

    Triggers(NewLabels labels, Wishes wishes, Trainings trainings) {
        this.labels = labels;
        this.wishes = wishes;
        this.trainings = trainings;
    }

    /** Null if there is none, or it has to wait. */
    @Nullable
    Wish reason(Standing known, TriggerSettings own, TimerService timers) throws Exception {
        Wish wished = wishes.waiting();
        if (wishes.isAPersons()) {
            return wished;
        }
        int fresh = labels.count();
        if (fresh == 0 || (known.isUndecided() && !own.whileOnTrial()) || isPausing(own, timers)) {
            return null;
        }
        if (wished != null && fresh >= own.leastLabels()) {
            return wished;
        }
        if (fresh >= own.newLabels()) {
            return new Wish(TrainingCause.LABELS, "There are %d new labels".formatted(fresh));
        }
        if (fresh >= own.leastLabels() && isDue(own, timers)) {
            return new Wish(
                    TrainingCause.SCHEDULE,
                    "%s have passed, and there are %d new labels".formatted(own.every(), fresh));
        }
        return null;
    }

    private boolean isPausing(TriggerSettings own, TimerService timers) throws Exception {
        Long ended = trainings.lastEnded();
        return ended != null && isBefore(ended + own.pause().toMillis(), timers);
    }

    private boolean isDue(TriggerSettings own, TimerService timers) throws Exception {
        if (own.every().isZero()) {
            return false;
        }
        Long ended = trainings.lastEnded();
        Long since = ended == null ? labels.firstAt() : ended;
        return since != null && !isBefore(since + own.every().toMillis(), timers);
    }

    /** Then it is looked at again when the time has come. */
    static boolean isBefore(long at, TimerService timers) {
        if (timers.currentProcessingTime() >= at) {
            return false;
        }
        timers.registerProcessingTimeTimer(at);
        return true;
    }
}
