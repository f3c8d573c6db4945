package dev.penstock.bench.measuring;

import dev.penstock.bench.variants.Contender;
import java.util.List;

/**
 * What one contender did, round by round.
 *
 * @param eventsPerSecond one a round
 * @param processorMicros processor time an event, the broker's included; one a round, none for who reads no topic
 */
public record Throughput(Contender contender, List<Double> eventsPerSecond, List<Double> processorMicros) {
    public Throughput {
        eventsPerSecond = List.copyOf(eventsPerSecond);
        processorMicros = List.copyOf(processorMicros);
    }

    /** Events a second. */
    public double median() {
        return Statistics.median(eventsPerSecond);
    }
}
