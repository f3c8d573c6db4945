package dev.penstock.bench.measuring;

import dev.penstock.bench.variants.Contender;

/**
 * One contender's latency under one load.
 *
 * @param load for people, such as {@code 50 %}
 * @param eventsPerSecond that were sent
 */
public record LatencyAtLoad(Contender contender, String load, double eventsPerSecond, Latency latency) {}
