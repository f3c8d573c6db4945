/** How fast, how late: {@link dev.penstock.bench.measuring.ThroughputContest}. */
@NullMarked
package dev.penstock.bench.measuring;

import org.jspecify.annotations.NullMarked;
