/** How much evidence moves a version, and by which steps: {@link dev.penstock.rollout.plan.RolloutPlan}. */
@NullMarked
package dev.penstock.rollout.plan;

import org.jspecify.annotations.NullMarked;
