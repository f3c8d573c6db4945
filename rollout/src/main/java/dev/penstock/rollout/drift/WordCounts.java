package dev.penstock.rollout.drift;

import java.util.Map;

/** How often each word came. A map of its own, since Flink has no serializer for a map of maps. */
public record WordCounts(Map<String, Long> times) {}
