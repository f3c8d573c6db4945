package dev.penstock.chaos.faults;

import java.time.Duration;
import java.util.Locale;

/** How much is done. */
public enum Tier {
    /** Minutes, in every build. */
    REDUCED(20_000, 300),
    /** As long as it takes, by hand. */
    SOAK(1_000_000, 1_000);

    private final long events;
    private final double rate;

    Tier(long events, double rate) {
        this.events = events;
        this.rate = rate;
    }

    /** That flow at least. */
    public long events() {
        return events;
    }

    /** Events a second. */
    public double rate() {
        return rate;
    }

    /** How often at least, where it is chosen. TaskManagers are killed until all events were sent. */
    int times(Fault fault) {
        if (this == REDUCED) {
            return fault == Fault.TASKMANAGER ? 3 : 1;
        }
        return switch (fault) {
            case TASKMANAGER, BROKER, LEADER -> 5;
            case JOBMANAGER, INGEST, CONTROLLER -> 3;
            case CLOCK -> 4;
            case NETWORK_CUT -> 2;
            default -> 1;
        };
    }

    /**
     * How long it lasts.
     *
     * @param transactionTimeout of the jobs
     */
    Duration lasting(Fault fault, Duration transactionTimeout) {
        return switch (fault) {
            case JOB_DOWN -> transactionTimeout.plusSeconds(30);
            case REGISTRY -> this == SOAK ? Duration.ofMinutes(5) : Duration.ofSeconds(20);
            case INGEST_FROZEN -> this == SOAK ? Duration.ofSeconds(60) : Duration.ofSeconds(20);
            case SLOW_SINK -> this == SOAK ? Duration.ofSeconds(60) : Duration.ofSeconds(20);
            case NETWORK_CUT, NETWORK_DELAY, DISK, REGISTRY_AT_START ->
                this == SOAK ? Duration.ofSeconds(40) : Duration.ofSeconds(15);
            case CLOCK -> Duration.ofSeconds(20);
            default -> Duration.ZERO;
        };
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public static Tier named(String label) {
        for (Tier tier : values()) {
            if (tier.label().equals(label)) {
                return tier;
            }
        }
        throw new IllegalArgumentException("Cannot run tier '%s': use reduced or soak".formatted(label));
    }
}
