package dev.penstock.chaos.report;

import dev.penstock.chaos.judging.Verdict;
import java.time.Duration;
import java.util.List;

/**
 * One trial.
 *
 * @param faults by their names on the command line
 * @param rate events a second that were sent
 * @param start from nothing until every partition was answered
 * @param flowed from then until the last outcome
 * @param kept of the jobs' state
 * @param injections in the order in which they happened
 */
public record TrialReport(
        List<String> faults,
        String tier,
        int brokers,
        double rate,
        long seed,
        Duration start,
        Duration flowed,
        Verdict verdict,
        KeptState kept,
        List<InjectionReport> injections) {
    /** Within which a kill should be recovered from. */
    public static final Duration LONGEST_RECOVERY = Duration.ofSeconds(30);

    public TrialReport {
        faults = List.copyOf(faults);
        injections = List.copyOf(injections);
    }

    /** Whether nothing was lost, doubled or mixed up, everything came back, and there is a state to go on from. */
    public boolean holds() {
        return verdict.holds()
                && kept.complete() > 0
                && injections.stream()
                        .allMatch(injection -> injection.recovery().isPresent());
    }

    /** Kills that took longer to recover from than they should. */
    public long slowRecoveries() {
        return injections.stream()
                .filter(InjectionReport::kill)
                .filter(injection -> injection
                        .recovery()
                        .map(time -> time.compareTo(LONGEST_RECOVERY) > 0)
                        .orElse(true))
                .count();
    }
}
