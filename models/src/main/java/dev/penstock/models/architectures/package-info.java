/**
 * Penstock's own models, built and trained in Java: small networks that learn a first version in seconds on a CPU and
 * keep learning in place.
 *
 * <p>Start with {@link dev.penstock.models.architectures.Training}; an {@link
 * dev.penstock.models.architectures.Architecture} says what is trained.
 */
@NullMarked
package dev.penstock.models.architectures;

import org.jspecify.annotations.NullMarked;
