package dev.penstock.bench.measuring;

/**
 * What one contender did when one thing was larger or smaller than usual.
 *
 * @param grows for people, such as {@code partitions}
 * @param to as large as it was
 */
public record Growth(String grows, String to, Throughput throughput) {}
