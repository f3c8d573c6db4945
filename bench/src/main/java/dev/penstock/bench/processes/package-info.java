/** Each contender in a JVM of its own: {@link dev.penstock.bench.processes.Child}. */
@NullMarked
package dev.penstock.bench.processes;

import org.jspecify.annotations.NullMarked;
