/** Which version of a model answers which request: {@link dev.penstock.schemas.rollouts.Assignments}. */
@NullMarked
package dev.penstock.schemas.rollouts;

import org.jspecify.annotations.NullMarked;
