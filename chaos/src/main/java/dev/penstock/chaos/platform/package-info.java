/**
 * The platform as processes: {@link dev.penstock.chaos.platform.Platform} starts them all, and hands out each to be
 * killed.
 */
@NullMarked
package dev.penstock.chaos.platform;

import org.jspecify.annotations.NullMarked;
