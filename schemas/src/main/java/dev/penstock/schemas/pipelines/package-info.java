/**
 * What is scored with which model: the one file that everything that runs pipelines reads.
 *
 * <p>Start with {@link dev.penstock.schemas.pipelines.Pipelines}.
 */
@NullMarked
package dev.penstock.schemas.pipelines;

import org.jspecify.annotations.NullMarked;
