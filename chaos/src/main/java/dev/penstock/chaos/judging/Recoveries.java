package dev.penstock.chaos.judging;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long it takes until everything is answered again. After a fault, the platform has recovered once events of every
 * source partition that were <em>sent after it</em> have committed outcomes: an outcome that was on its way already
 * proves nothing, and neither does a part that was not hit. Thread-safe.
 */
public final class Recoveries {
    private final int partitions;
    private final List<Recovery> awaited = new ArrayList<>();
    private @Nullable Instant lastSeen;
    private Duration longestSilence = Duration.ZERO;

    /** @param partitions of the source topic */
    public Recoveries(int partitions) {
        this.partitions = partitions;
    }

    /** A fault that is waited for; see {@link Recoveries}. */
    public final class Recovery {
        private final Instant since;
        private final Instant sentAfter;
        private final BitSet silent = new BitSet();
        private @Nullable Instant recoveredAt;

        private Recovery(Instant since, Instant sentAfter) {
            this.since = since;
            this.sentAfter = sentAfter;
            silent.set(0, partitions);
        }

        /** From the fault, or from its end, until everything was answered again; empty while it is not. */
        public Optional<Duration> time() {
            synchronized (Recoveries.this) {
                return Optional.ofNullable(recoveredAt).map(at -> Duration.between(since, at));
            }
        }
    }

    /** @param since when it was killed or, of what lasts, when that ended */
    public Recovery await(Instant since) {
        return await(since, since);
    }

    /**
     * Of a fault that strikes later than it is done.
     *
     * @param since when it was done
     * @param sentAfter when it had struck: what was sent before that proves nothing
     */
    public synchronized Recovery await(Instant since, Instant sentAfter) {
        Recovery recovery = new Recovery(since, sentAfter);
        awaited.add(recovery);
        return recovery;
    }

    /**
     * An outcome.
     *
     * @param partition of the source topic
     * @param sentAt when its event was handed to the producer
     * @param seenAt when a reader of committed records had its outcome
     */
    public synchronized void outcome(int partition, Instant sentAt, Instant seenAt) {
        if (lastSeen != null) {
            Duration silence = Duration.between(lastSeen, seenAt);
            if (silence.compareTo(longestSilence) > 0) {
                longestSilence = silence;
            }
        }
        lastSeen = seenAt;
        awaited.removeIf(recovery -> {
            if (!sentAt.isAfter(recovery.sentAfter)) {
                return false;
            }
            recovery.silent.clear(partition);
            if (!recovery.silent.isEmpty()) {
                return false;
            }
            recovery.recoveredAt = seenAt;
            return true;
        });
    }

    /** The longest that a reader saw nothing at all since this was last asked. */
    public synchronized Duration longestSilence() {
        Duration longest = longestSilence;
        longestSilence = Duration.ZERO;
        return longest;
    }
}
