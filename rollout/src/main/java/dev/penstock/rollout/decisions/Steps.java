package dev.penstock.rollout.decisions;

import dev.penstock.schemas.RolloutStep;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who answers from when on: steps that follow each other, for as long as requests are kept. */
final class Steps {
    private final List<RolloutStep> steps = new ArrayList<>();

    /** Those that were written hold, whatever was known. */
    void adopt(List<RolloutStep> written) {
        steps.clear();
        steps.addAll(written);
    }

    /**
     * Adds a step that holds from now on, or from just after the last one where that is later.
     *
     * @param candidate null if there is none
     * @return from when on it holds
     */
    Instant add(int champion, @Nullable Integer candidate, double share, String salt, Instant now) {
        Instant holdsFrom = now;
        if (!steps.isEmpty()) {
            Instant next = steps.get(steps.size() - 1).getHoldsFrom().plusMillis(1);
            holdsFrom = next.isAfter(now) ? next : now;
        }
        steps.add(RolloutStep.newBuilder()
                .setHoldsFrom(holdsFrom)
                .setChampion(champion)
                .setCandidate(candidate)
                .setShare(share)
                .setSalt(salt)
                .build());
        return holdsFrom;
    }

    /**
     * Forgets the steps that ended before the retention began; the one that held then is kept. So is the last of the
     * former champion's where no other names one: whoever answers keeps it loaded, so that a way back loads nothing.
     */
    void trim(Instant now, Duration retention) {
        if (steps.isEmpty()) {
            return;
        }
        Instant begin = now.minus(retention);
        int ended = 0;
        while (ended + 1 < steps.size() && !steps.get(ended + 1).getHoldsFrom().isAfter(begin)) {
            ended++;
        }
        List<RolloutStep> forgotten = steps.subList(0, ended);
        Optional<RolloutStep> former =
                lastOfAnother(steps.subList(ended, steps.size())).isPresent()
                        ? Optional.empty()
                        : lastOfAnother(forgotten);
        forgotten.clear();
        former.ifPresent(step -> steps.add(0, step));
    }

    /** The last step with another champion than the one that serves now. */
    private Optional<RolloutStep> lastOfAnother(List<RolloutStep> some) {
        int serving = steps.get(steps.size() - 1).getChampion();
        return some.stream().filter(step -> step.getChampion() != serving).reduce((earlier, later) -> later);
    }

    boolean isEmpty() {
        return steps.isEmpty();
    }

    List<RolloutStep> all() {
        return List.copyOf(steps);
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(steps.size());
        for (RolloutStep step : steps) {
            Integer candidate = step.getCandidate();
            out.writeLong(step.getHoldsFrom().toEpochMilli());
            out.writeInt(step.getChampion());
            out.writeInt(candidate == null ? 0 : candidate);
            out.writeDouble(step.getShare());
            out.writeUTF(step.getSalt());
        }
    }

    static Steps read(DataInput in) throws IOException {
        Steps steps = new Steps();
        int size = in.readInt();
        for (int index = 0; index < size; index++) {
            long holdsFrom = in.readLong();
            int champion = in.readInt();
            int candidate = in.readInt();
            steps.steps.add(RolloutStep.newBuilder()
                    .setHoldsFrom(Instant.ofEpochMilli(holdsFrom))
                    .setChampion(champion)
                    .setCandidate(candidate == 0 ? null : candidate)
                    .setShare(in.readDouble())
                    .setSalt(in.readUTF())
                    .build());
        }
        return steps;
    }
}
