/**
 * Trainings: {@link dev.penstock.retrain.runs.TrainModels} runs them one after the other beside its task, and {@link
 * dev.penstock.retrain.runs.Trainer} is what one of them does.
 */
@NullMarked
package dev.penstock.retrain.runs;

import org.jspecify.annotations.NullMarked;
