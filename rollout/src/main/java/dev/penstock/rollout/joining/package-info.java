/** What became of requests: {@link dev.penstock.rollout.joining.JoinEvidence} puts answers and labels together. */
@NullMarked
package dev.penstock.rollout.joining;

import org.jspecify.annotations.NullMarked;
