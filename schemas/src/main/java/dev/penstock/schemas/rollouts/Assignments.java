package dev.penstock.schemas.rollouts;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.Variant;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.OptionalInt;

/**
 * Says who answers a request: a pure function of the request's entity, its time and the model's rollout history, so that an
 * entity stays on one side while a step lasts, and a request that is read again is answered by the same version. As the
 * share of a trial grows, entities join the candidate and none leaves it.
 *
 * <p>An entity's place between 0 and 1 is the first 53 bits of SHA-256 over salt, the character U+001F and entity id, in
 * UTF-8: anybody can compute it, in any language. Below the share it is the candidate's, and up to twice the share it is
 * the control's.
 *
 * <p>For one thread at a time.
 */
public final class Assignments {
    private static final char SEPARATOR = '\u001f';
    private static final int PLACE_BITS = 53;

    private final List<RolloutStep> steps;
    private final MessageDigest digest = sha256();

    /** @throws IllegalArgumentException if the history has no step */
    public Assignments(RolloutState state) {
        steps = List.copyOf(state.getSteps());
        if (steps.isEmpty()) {
            throw new IllegalArgumentException(
                    "Cannot assign requests of model '%s': its rollout has no step".formatted(state.getModel()));
        }
    }

    /** @param requestedAt timestamp of the request's record in its requests topic, in milliseconds since 1970-01-01T00:00Z */
    public Assignment of(String entityId, long requestedAt) {
        RolloutStep step = stepAt(requestedAt);
        Integer candidate = step.getCandidate();
        if (candidate == null) {
            return new Assignment(step.getChampion(), Variant.CHAMPION, OptionalInt.empty());
        }
        double share = step.getShare();
        if (share <= 0) {
            return new Assignment(step.getChampion(), Variant.CHAMPION, OptionalInt.of(candidate));
        }
        double place = place(step.getSalt(), entityId);
        if (place < share) {
            return new Assignment(candidate, Variant.CANARY, OptionalInt.empty());
        }
        Variant variant = place < 2 * share ? Variant.CONTROL : Variant.CHAMPION;
        return new Assignment(step.getChampion(), variant, OptionalInt.empty());
    }

    /** What held at that time; the first step also holds for all that came before it. */
    public RolloutStep stepAt(long requestedAt) {
        for (int index = steps.size() - 1; index > 0; index--) {
            if (steps.get(index).getHoldsFrom().toEpochMilli() <= requestedAt) {
                return steps.get(index);
            }
        }
        return steps.get(0);
    }

    /** From 0 to below 1, evenly. */
    private double place(String salt, String entityId) {
        byte[] hash = digest.digest((salt + SEPARATOR + entityId).getBytes(UTF_8));
        long bits = ByteBuffer.wrap(hash).getLong() >>> (Long.SIZE - PLACE_BITS);
        return bits * 0x1.0p-53;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Cannot assign requests: this Java has no SHA-256", e);
        }
    }
}
