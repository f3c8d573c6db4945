package dev.penstock.models.architectures;

/**
 * An epoch is over.
 *
 * @param epoch from 1
 * @param epochs how many there will be
 * @param loss mean over the epoch's steps
 */
public record TrainingProgress(int epoch, int epochs, double loss) {}
