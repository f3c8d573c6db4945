/**
 * From a request's payload to a model's input, one record at a time and before any batch, so that a bad record fails
 * alone. Limits are checked from headers before work is done.
 *
 * <p>Start with {@link dev.penstock.models.preprocessing.Preprocessor}.
 */
@NullMarked
package dev.penstock.models.preprocessing;

import org.jspecify.annotations.NullMarked;
