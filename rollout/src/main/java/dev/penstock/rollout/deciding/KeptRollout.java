package dev.penstock.rollout.deciding;

/**
 * What a checkpoint keeps of a model.
 *
 * @param rollout of {@link dev.penstock.rollout.decisions.ModelRollout}
 * @param driftingVersion the champion that sees another world; 0 if it does not
 */
@SuppressWarnings("ArrayRecordComponent") // Written and read by checkpoints only.
public record KeptRollout(byte[] rollout, int driftingVersion) {}
