package dev.penstock.flink.configuration;

import dev.penstock.schemas.configuration.Checks;

/**
 * Of a Flink cluster in the job's own process; on any other they are the cluster's to configure.
 *
 * @param port on all addresses
 */
public record Metrics(int port) {
    public Metrics {
        new Checks()
                .require(port >= 1 && port <= 65_535, "port", "%d is not between 1 and 65535".formatted(port))
                .refuse("metrics");
    }
}
