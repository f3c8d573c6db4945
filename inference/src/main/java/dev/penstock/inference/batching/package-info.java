/** Gathers rows into batches and keeps them moving: {@link dev.penstock.inference.batching.MicroBatcher}. */
@NullMarked
package dev.penstock.inference.batching;

import org.jspecify.annotations.NullMarked;
