package dev.penstock.models.architectures;

import dev.penstock.models.card.ModelCard;

/**
 * A version that training made.
 *
 * @param card with the metrics of the held-out examples, and lineage
 * @param loss mean over the last epoch's steps
 * @param examples that it was trained on
 * @param heldOut examples that it was measured with
 */
public record Trained(ModelCard card, double loss, int examples, int heldOut) {}
