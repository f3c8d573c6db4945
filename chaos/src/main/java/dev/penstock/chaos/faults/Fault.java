package dev.penstock.chaos.faults;

import java.util.Locale;

/** What can be done to the platform. Each has a name on the command line: {@link #label()}. */
public enum Fault {
    TASKMANAGER("SIGKILL of one of two TaskManagers", Kind.KILL),
    JOBMANAGER("SIGKILL of the JobManager", Kind.KILL),
    INGEST("SIGKILL of one of two ingests", Kind.KILL),
    INGEST_FROZEN("SIGSTOP of one of two ingests, SIGCONT later", Kind.OUTAGE),
    BROKER("SIGKILL of a broker", Kind.KILL),
    LEADER("SIGKILL of the broker that leads the requests", Kind.KILL),
    CONTROLLER("SIGKILL of the broker whose controller is active", Kind.KILL),
    REGISTRY("registry away, while a TaskManager and an ingest are killed and must ask it", Kind.OUTAGE),
    REGISTRY_AT_START("registry away when everything starts", Kind.START),
    NETWORK_CUT("nothing passes between brokers and jobs, or brokers and ingest", Kind.OUTAGE),
    NETWORK_DELAY("200 ms later each way between brokers and all others", Kind.OUTAGE),
    SLOW_SINK("a tenth of the bytes a second from the jobs to the brokers", Kind.OUTAGE),
    DISK("no room for checkpoints", Kind.OUTAGE),
    JOB_DOWN("JobManager and TaskManagers down for longer than a transaction may last", Kind.OUTAGE),
    CLOCK("the clock of a TaskManager or an ingest steps, and back", Kind.OUTAGE),
    UPGRADE("stopped with a savepoint and replaced by new code", Kind.CHANGE);

    private final String description;
    private final Kind kind;

    /** How it goes on. */
    enum Kind {
        /** Over at once: what was killed is started again. */
        KILL,
        /** It lasts, and recovery counts from its end. */
        OUTAGE,
        /** Before everything else. */
        START,
        /** Nobody's fault. */
        CHANGE
    }

    Fault(String description, Kind kind) {
        this.description = description;
        this.kind = kind;
    }

    /** For people. */
    public String description() {
        return description;
    }

    /** Its name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public boolean isKill() {
        return kind == Kind.KILL;
    }

    /** Whether processes die that may be scoring. */
    public boolean endsScoring() {
        return this == TASKMANAGER || this == REGISTRY || this == JOB_DOWN || this == UPGRADE;
    }

    /** Whether there must be brokers to take over. */
    public boolean needsThreeBrokers() {
        return this == LEADER || this == CONTROLLER;
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public static Fault named(String label) {
        for (Fault fault : values()) {
            if (fault.label().equals(label)) {
                return fault;
            }
        }
        throw new IllegalArgumentException("Cannot inject '%s': the faults are %s"
                .formatted(
                        label,
                        java.util.Arrays.stream(values()).map(Fault::label).toList()));
    }
}
