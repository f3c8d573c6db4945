/** What is scored: {@link dev.penstock.bench.workloads.Workload}. */
@NullMarked
package dev.penstock.bench.workloads;

import org.jspecify.annotations.NullMarked;
