/** From a request to its one outcome: {@link dev.penstock.inference.scoring.ScoreRequests}. */
@NullMarked
package dev.penstock.inference.scoring;

import org.jspecify.annotations.NullMarked;
