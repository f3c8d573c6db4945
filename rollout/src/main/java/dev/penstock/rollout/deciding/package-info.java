/** Who serves: {@link dev.penstock.rollout.deciding.DecideRollouts} hears of everything that concerns a model. */
@NullMarked
package dev.penstock.rollout.deciding;

import org.jspecify.annotations.NullMarked;
