/**
 * What a model is: the same code serves and trains, so that there is no skew between the two.
 *
 * <p>Start with {@link dev.penstock.models.Model}.
 */
@NullMarked
package dev.penstock.models;

import org.jspecify.annotations.NullMarked;
