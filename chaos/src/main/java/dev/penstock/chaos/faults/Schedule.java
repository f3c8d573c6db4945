package dev.penstock.chaos.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Which faults happen in which order, drawn from a seed: the same seed gives the same schedule. For one thread at a time.
 */
public final class Schedule {
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final Tier tier;
    private final Duration transactionTimeout;
    private final Random random;
    private final List<Fault> planned;
    private final boolean goesOn;
    private int next;

    /**
     * @param faults those at the start are not in it: they are no matter of order
     * @param transactionTimeout of the jobs
     */
    public Schedule(Collection<Fault> faults, Tier tier, Duration transactionTimeout, long seed) {
        this.tier = tier;
        this.transactionTimeout = transactionTimeout;
        this.random = new Random(seed);
        List<Fault> all = new ArrayList<>();
        faults.stream()
                .distinct()
                .sorted()
                .filter(fault -> fault != Fault.REGISTRY_AT_START)
                .forEach(fault -> all.addAll(Collections.nCopies(tier.times(fault), fault)));
        Collections.shuffle(all, random);
        this.planned = List.copyOf(all);
        this.goesOn = faults.contains(Fault.TASKMANAGER);
    }

    /** How long a registry stays away at the start. */
    public static Injection atStart(Tier tier) {
        return new Injection(
                Fault.REGISTRY_AT_START, Duration.ZERO, tier.lasting(Fault.REGISTRY_AT_START, Duration.ZERO), 0);
    }

    /** Whether everything that was planned has been handed out; TaskManagers may be killed beyond it. */
    public boolean isDone() {
        return next >= planned.size();
    }

    /** The next; empty where nothing is left to be done. */
    public Optional<Injection> next() {
        if (isDone() && !goesOn) {
            return Optional.empty();
        }
        Fault fault = isDone() ? Fault.TASKMANAGER : planned.get(next);
        next++;
        long range = LONGEST_PAUSE.minus(SHORTEST_PAUSE).toMillis();
        Duration pause = SHORTEST_PAUSE.plusMillis(Math.round(random.nextDouble() * range));
        return Optional.of(new Injection(fault, pause, tier.lasting(fault, transactionTimeout), random.nextLong()));
    }
}
