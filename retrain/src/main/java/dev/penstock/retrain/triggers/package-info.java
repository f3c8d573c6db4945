/** When a model is trained, and on what: {@link dev.penstock.retrain.triggers.TriggerTraining} decides it. */
@NullMarked
package dev.penstock.retrain.triggers;

import org.jspecify.annotations.NullMarked;
