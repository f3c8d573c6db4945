package dev.penstock.models.architectures;

import java.util.OptionalDouble;

/**
 * An epoch is over.
 *
 * @param epoch from 1
 * @param epochs how many there will be, unless it stops early
 * @param step how many were taken
 * @param steps how many there will be, unless it stops early
 * @param loss mean over the epoch's steps
 * @param validationLoss of the examples that early stopping looks at
 * @param validationScore share of them that is decided rightly, 0 to 1
 */
public record TrainingProgress(
        int epoch,
        int epochs,
        long step,
        long steps,
        double loss,
        OptionalDouble validationLoss,
        OptionalDouble validationScore) {}
