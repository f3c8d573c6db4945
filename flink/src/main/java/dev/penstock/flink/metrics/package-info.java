/** What Flink's metrics lack: {@link dev.penstock.flink.metrics.MetricGroups} takes some back while their task runs. */
@NullMarked
package dev.penstock.flink.metrics;

import org.jspecify.annotations.NullMarked;
