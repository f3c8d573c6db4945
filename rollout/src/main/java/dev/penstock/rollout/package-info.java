/** The Flink job that decides on evidence which version of a model serves. */
@NullMarked
package dev.penstock.rollout;

import org.jspecify.annotations.NullMarked;
