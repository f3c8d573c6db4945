/** Flat records on the edges of the job: {@link dev.penstock.inference.records.InputRecord} in, {@link dev.penstock.inference.records.OutputRecord} out. */
@NullMarked
package dev.penstock.inference.records;

import org.jspecify.annotations.NullMarked;
