package dev.penstock.bench.variants;

/** One way from a topic of requests to a topic of predictions. */
public interface Approach {
    /**
     * Starts to read where the route's group left off.
     *
     * @return stops it
     */
    AutoCloseable start(Setting setting, Route route) throws Exception;
}
