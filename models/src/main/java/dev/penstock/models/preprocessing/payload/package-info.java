/**
 * What every kind of payload needs to be refused: {@link
 * dev.penstock.models.preprocessing.payload.UnusablePayloadException} says why, {@link
 * dev.penstock.models.preprocessing.payload.FileKind} says what the bytes look like instead.
 */
@NullMarked
package dev.penstock.models.preprocessing.payload;

import org.jspecify.annotations.NullMarked;
