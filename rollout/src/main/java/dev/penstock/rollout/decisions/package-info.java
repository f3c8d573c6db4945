/**
 * What is decided about the versions of one model, as a pure function of what happened: {@link
 * dev.penstock.rollout.decisions.ModelRollout}.
 */
@NullMarked
package dev.penstock.rollout.decisions;

import org.jspecify.annotations.NullMarked;
