/** What becomes of events: {@link dev.penstock.cli.outcomes.OutcomeReader}. */
@NullMarked
package dev.penstock.cli.outcomes;

import org.jspecify.annotations.NullMarked;
