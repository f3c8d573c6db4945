/**
 * Whether the world has changed: {@link dev.penstock.rollout.drift.WatchDrift} compares what a champion sees and decides
 * with what it saw and decided where it was judged.
 */
@NullMarked
package dev.penstock.rollout.drift;

import org.jspecify.annotations.NullMarked;
