package dev.penstock.chaos.report;

/**
 * How fast a number of TaskManagers, each with one slot, answers what waits for them.
 *
 * @param delivery as in the configuration
 * @param events that waited
 * @param eventsPerSecond from the first tenth of the answers to the last
 */
public record ScaleReport(int taskManagers, String delivery, long events, double eventsPerSecond) {}
