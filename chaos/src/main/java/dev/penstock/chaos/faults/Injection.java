package dev.penstock.chaos.faults;

import java.time.Duration;

/**
 * A fault that is to happen.
 *
 * @param pause since the one before
 * @param lasting of what lasts; zero else
 * @param draw from which everything is decided that is left to chance, such as who is killed
 */
public record Injection(Fault fault, Duration pause, Duration lasting, long draw) {}
