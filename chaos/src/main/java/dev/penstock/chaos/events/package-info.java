/**
 * The events of a trial: what they are ({@link dev.penstock.chaos.events.Payments}), who sends them and who reads what
 * became of them.
 */
@NullMarked
package dev.penstock.chaos.events;

import org.jspecify.annotations.NullMarked;
