/**
 * What happens to a record that cannot be used: {@link dev.penstock.schemas.deadletter.DeadLetter} keeps its bytes and
 * {@link dev.penstock.schemas.deadletter.DeadLetterCode} says why.
 */
@NullMarked
package dev.penstock.schemas.deadletter;

import org.jspecify.annotations.NullMarked;
