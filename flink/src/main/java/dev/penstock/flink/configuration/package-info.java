/** What every job is told: {@link dev.penstock.flink.configuration.JobConfig}. */
@NullMarked
package dev.penstock.flink.configuration;

import org.jspecify.annotations.NullMarked;
