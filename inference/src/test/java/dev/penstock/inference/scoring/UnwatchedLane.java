package dev.penstock.inference.scoring;

import dev.penstock.inference.crashes.InFlightBatch;
import dev.penstock.inference.crashes.Lane;

/** For models that do not crash. */
final class UnwatchedLane implements Lane {
    @Override
    public void begin(InFlightBatch batch, boolean isSuspect) {}

    @Override
    public void end(InFlightBatch batch, boolean isSuspect) {}
}
