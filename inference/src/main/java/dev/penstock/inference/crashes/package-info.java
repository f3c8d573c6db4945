/** Which records a process was scoring when it died: {@link dev.penstock.inference.crashes.Suspects}. */
@NullMarked
package dev.penstock.inference.crashes;

import org.jspecify.annotations.NullMarked;
