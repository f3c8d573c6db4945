package dev.penstock.chaos.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Set<Fault> SOME = EnumSet.of(Fault.JOBMANAGER, Fault.INGEST, Fault.BROKER, Fault.REGISTRY);

    private static List<Injection> planned(Set<Fault> faults, Tier tier, long seed) {
        Schedule schedule = new Schedule(faults, tier, TIMEOUT, seed);
        List<Injection> planned = new ArrayList<>();
        while (!schedule.isDone()) {
            planned.add(schedule.next().orElseThrow());
        }
        return planned;
    }

    @Test
    void theSameSeedGivesTheSame() {
        assertThat(planned(SOME, Tier.SOAK, 7)).isEqualTo(planned(SOME, Tier.SOAK, 7));
    }

    @Test
    void anotherSeedGivesAnother() {
        assertThat(planned(SOME, Tier.SOAK, 7)).isNotEqualTo(planned(SOME, Tier.SOAK, 8));
    }

    @Test
    void theSoakKillsEachAsOftenAsPromised() {
        List<Injection> planned = planned(SOME, Tier.SOAK, 7);

        assertThat(planned).filteredOn(one -> one.fault() == Fault.JOBMANAGER).hasSize(3);
        assertThat(planned).filteredOn(one -> one.fault() == Fault.BROKER).hasSize(5);
        assertThat(planned)
                .filteredOn(one -> one.fault() == Fault.REGISTRY)
                .singleElement()
                .returns(Duration.ofMinutes(5), Injection::lasting);
    }

    @Test
    void pausesAreFiveToFifteenSeconds() {
        assertThat(planned(EnumSet.complementOf(EnumSet.of(Fault.REGISTRY_AT_START)), Tier.SOAK, 7))
                .allSatisfy(one -> assertThat(one.pause()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(15)));
    }

    @Test
    void taskManagersAreKilledWithoutEnd() {
        Schedule schedule = new Schedule(EnumSet.of(Fault.TASKMANAGER), Tier.REDUCED, TIMEOUT, 7);

        for (int count = 0; count < 100; count++) {
            assertThat(schedule.next()).map(Injection::fault).contains(Fault.TASKMANAGER);
        }
    }

    @Test
    void allElseEnds() {
        Schedule schedule = new Schedule(EnumSet.of(Fault.DISK), Tier.REDUCED, TIMEOUT, 7);
        assertThat(schedule.next()).isPresent();

        assertThat(schedule.isDone()).isTrue();
        assertThat(schedule.next()).isEmpty();
    }

    @Test
    void theJobIsDownForLongerThanATransactionMayLast() {
        assertThat(planned(EnumSet.of(Fault.JOB_DOWN), Tier.REDUCED, 7))
                .singleElement()
                .satisfies(one -> assertThat(one.lasting()).isGreaterThan(TIMEOUT));
    }

    @Test
    void aFaultIsFoundByItsName() {
        assertThat(Fault.named("registry-at-start")).isEqualTo(Fault.REGISTRY_AT_START);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fault.named("meteor"))
                .withMessageStartingWith("Cannot inject 'meteor': the faults are [taskmanager, ");
    }
}
