/**
 * The records that travel between Penstock's parts, generated from {@code src/main/avro}.
 *
 * <p>Start with {@link dev.penstock.schemas.InferenceRequest} and {@link dev.penstock.schemas.Prediction}.
 */
@NullMarked
package dev.penstock.schemas;

import org.jspecify.annotations.NullMarked;
