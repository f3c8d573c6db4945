package dev.penstock.inference.versions;

import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.rollouts.Assignments;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who answers the requests of one model, as things are now; another one takes its place when anything changes. Says what
 * {@link Assignments} says, as far as the versions it names are loaded:
 *
 * <ul>
 *   <li>Where a canary is not loaded, here or yet, the champion answers its requests, as CHAMPION.
 *   <li>Where a step's champion is not loaded, the newest champion that is answers, as CHAMPION.
 *   <li>A shadow that is not loaded is not asked.
 * </ul>
 *
 * <p>While nothing is on trial, choosing computes no hash and makes no object. For one thread at a time.
 */
public final class Serving {
    private final @Nullable Assignments assignments;
    private final long[] holdsFrom;
    private final Step[] steps;

    /** Who answers in one step. */
    private record Step(Choice champion, Choice control, Choice canary, boolean isTrial) {
        Choice of(Variant variant) {
            return switch (variant) {
                case CANARY -> canary;
                case CONTROL -> control;
                default -> champion;
            };
        }
    }

    private Serving(@Nullable Assignments assignments, long[] holdsFrom, Step[] steps) {
        this.assignments = assignments;
        this.holdsFrom = holdsFrom;
        this.steps = steps;
    }

    /** One version answers all. */
    static Serving always(ServedModel served, LongSupplier turns) {
        Choice choice = new Choice(Answerer.alone(served), Variant.CHAMPION, Optional.empty(), turns.getAsLong());
        return new Serving(null, new long[1], new Step[] {new Step(choice, choice, choice, false)});
    }

    /**
     * What a rollout says.
     *
     * @param loaded by number
     * @param turns another at each call
     * @return empty if no champion of the rollout is loaded
     */
    static Optional<Serving> following(RolloutState rollout, Map<Integer, ServedModel> loaded, LongSupplier turns) {
        List<RolloutStep> all = rollout.getSteps();
        ServedModel newest = null;
        for (int index = all.size() - 1; index >= 0 && newest == null; index--) {
            newest = loaded.get(all.get(index).getChampion());
        }
        if (newest == null) {
            return Optional.empty();
        }
        long[] holdsFrom = new long[all.size()];
        Step[] steps = new Step[all.size()];
        for (int index = 0; index < steps.length; index++) {
            holdsFrom[index] = all.get(index).getHoldsFrom().toEpochMilli();
            steps[index] = step(all.get(index), loaded, newest, turns.getAsLong());
        }
        return Optional.of(new Serving(new Assignments(rollout), holdsFrom, steps));
    }

    private static Step step(RolloutStep step, Map<Integer, ServedModel> loaded, ServedModel newest, long turn) {
        ServedModel own = loaded.get(step.getChampion());
        ServedModel champion = own == null ? newest : own;
        Optional<ServedModel> onTrial = Optional.ofNullable(step.getCandidate()).map(loaded::get);
        if (step.getCandidate() == null || step.getShare() <= 0) {
            Choice choice = new Choice(
                    Answerer.alone(champion),
                    Variant.CHAMPION,
                    onTrial.filter(shadow -> !shadow.equals(champion)),
                    turn);
            return new Step(choice, choice, choice, false);
        }
        Choice usual = new Choice(Answerer.alone(champion), Variant.CHAMPION, Optional.empty(), turn);
        Choice control = own == null ? usual : new Choice(usual.answerer(), Variant.CONTROL, Optional.empty(), turn);
        Choice canary = onTrial.map(served -> new Choice(
                        new Answerer(served, Optional.of(champion).filter(other -> !other.equals(served))),
                        Variant.CANARY,
                        Optional.empty(),
                        turn))
                .orElse(usual);
        return new Step(usual, control, canary, true);
    }

    /** @param requestedAt timestamp of the request's record in its requests topic, in milliseconds since 1970-01-01T00:00Z */
    public Choice of(String entityId, long requestedAt) {
        Step step = stepAt(requestedAt);
        return step.isTrial && assignments != null
                ? step.of(assignments.of(entityId, requestedAt).variant())
                : step.champion;
    }

    /** As {@link Assignments#stepAt}. */
    private Step stepAt(long requestedAt) {
        int index = steps.length - 1;
        while (index > 0 && holdsFrom[index] > requestedAt) {
            index--;
        }
        return steps[index];
    }

    /** The version that answers by default in the newest step. */
    public ServedModel champion() {
        return steps[steps.length - 1].champion.answerer().served();
    }

    /** The version on trial in the newest step, if it is loaded. */
    public Optional<ServedModel> candidate() {
        Step newest = steps[steps.length - 1];
        return newest.canary.variant() == Variant.CANARY
                ? Optional.of(newest.canary.answerer().served())
                : newest.champion.shadow();
    }
}
