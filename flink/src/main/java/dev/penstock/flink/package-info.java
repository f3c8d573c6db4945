/** What the jobs have in common. {@link dev.penstock.flink.Job} is one of them, as it is run. */
@NullMarked
package dev.penstock.flink;

import org.jspecify.annotations.NullMarked;
