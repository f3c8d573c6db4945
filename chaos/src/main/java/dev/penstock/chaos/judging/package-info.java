/** What became of each event, held against what was promised: {@link dev.penstock.chaos.judging.Judge}. */
@NullMarked
package dev.penstock.chaos.judging;

import org.jspecify.annotations.NullMarked;
