package dev.penstock.chaos.report;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One fault that happened.
 *
 * @param kill whether it was over at once
 * @param target to whom
 * @param began when
 * @param lasting of what lasts; zero else
 * @param recovery until events that were sent after the kill, or after the end of what lasted, were answered in every
 *     partition; empty if they never were
 * @param silence the longest that no outcome at all was committed between this fault and the next
 */
public record InjectionReport(
        String fault,
        boolean kill,
        String target,
        Instant began,
        Duration lasting,
        Optional<Duration> recovery,
        Duration silence) {}
