package dev.penstock.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.chaos.faults.Fault;
import dev.penstock.chaos.faults.Tier;
import dev.penstock.chaos.judging.Delivery;
import dev.penstock.chaos.judging.Verdict;
import dev.penstock.chaos.platform.CheckpointStore;
import dev.penstock.chaos.platform.Installation;
import dev.penstock.chaos.report.InjectionReport;
import dev.penstock.chaos.report.TrialReport;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole platform as processes, each kind of which is killed while events flow. */
class ChaosIT {
    @TempDir
    private Path directory;

    @Test
    void nothingIsLostOrDoubledWhoeverIsKilled() throws Exception {
        Installation installation = Installation.in(Path.of(System.getProperty("penstock.home")));
        Trial.Plan plan = new Trial.Plan(
                EnumSet.of(Fault.TASKMANAGER, Fault.JOBMANAGER, Fault.INGEST, Fault.BROKER),
                Tier.REDUCED,
                20_000,
                Tier.REDUCED.rate(),
                Delivery.EXACTLY_ONCE,
                1,
                CheckpointStore.DISK,
                17,
                Duration.ofMinutes(20));

        TrialReport report = new Trial(installation, plan, Clock.systemUTC(), System.err::println).run(directory);

        Verdict verdict = report.verdict();
        assertThat(verdict.acknowledged()).isGreaterThanOrEqualTo(20_000).isEqualTo(verdict.sent());
        assertThat(verdict.examples()).isEmpty();
        assertThat(verdict.complaints()).isEqualTo(new Verdict.Complaints(0, 0, 0, 0, 0, 0, 0, 0));
        assertThat(verdict.predictions() + verdict.deadLetters()).isEqualTo(verdict.acknowledged());
        // Both versions answered: that each entity kept its own says something.
        assertThat(verdict.firstVersion()).isPositive();
        assertThat(verdict.otherVersions()).isPositive();
        assertThat(report.injections())
                .extracting(InjectionReport::fault)
                .contains("taskmanager", "jobmanager", "ingest", "broker");
        assertThat(report.injections())
                .allSatisfy(injection -> assertThat(injection.recovery()).isPresent());
        assertThat(report.holds()).isTrue();
    }
}
