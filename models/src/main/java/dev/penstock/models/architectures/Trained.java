package dev.penstock.models.architectures;

import dev.penstock.models.card.ModelCard;

/**
 * A version that training made.
 *
 * @param card with the metrics of the held-out examples, and lineage
 * @param loss mean over the last epoch's steps
 * @param examples that it was trained on, those that early stopping looked at among them
 * @param heldOut examples that it was measured with
 * @param epochs that were trained
 * @param kept after how many of them the weights were those that it has; 0 if it has those that it began with
 */
public record Trained(ModelCard card, double loss, int examples, int heldOut, int epochs, int kept) {}
