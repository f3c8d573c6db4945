/** How records of the topics become values: {@link dev.penstock.rollout.records.ReadRecords}. */
@NullMarked
package dev.penstock.rollout.records;

import org.jspecify.annotations.NullMarked;
