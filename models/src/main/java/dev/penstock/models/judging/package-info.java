/**
 * Whether a version may go on trial: its answers and those of the version that serves, to the same labelled requests that
 * neither was trained on, through the code that serves. Start with {@link dev.penstock.models.judging.Gates}.
 */
@NullMarked
package dev.penstock.models.judging;

import org.jspecify.annotations.NullMarked;
