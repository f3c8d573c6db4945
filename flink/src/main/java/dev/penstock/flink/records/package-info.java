/**
 * Flat records on the edges of the jobs: {@link dev.penstock.flink.records.InputRecord} in, {@link
 * dev.penstock.flink.records.OutputRecord} out.
 */
@NullMarked
package dev.penstock.flink.records;

import org.jspecify.annotations.NullMarked;
