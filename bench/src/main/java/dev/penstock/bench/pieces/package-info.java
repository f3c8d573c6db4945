/**
 * The pieces that every event passes, each alone, measured by JMH: {@link dev.penstock.bench.pieces.Subject} is what
 * they work on.
 */
@NullMarked
package dev.penstock.bench.pieces;

import org.jspecify.annotations.NullMarked;
