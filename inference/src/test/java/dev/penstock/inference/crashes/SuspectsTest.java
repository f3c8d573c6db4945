package dev.penstock.inference.crashes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.inference.crashes.Suspects.Standing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SuspectsTest {
    private static final String TOPIC = "requests.text";

    @TempDir
    private Path directory;

    @Test
    void nobodyIsSuspectedOnAFirstDay() throws Exception {
        assertThat(Suspects.ofNewProcess(directory.resolve("new")).of(TOPIC, 0, 1))
                .isEqualTo(Standing.CLEAR);
    }

    @Test
    void whoeverWasInFlightWhenTheProcessDiedIsSuspected() throws Exception {
        die(false, 3, 4, 5);

        Suspects suspects = Suspects.ofNewProcess(directory);

        assertThat(standings(suspects, 2, 3, 4, 5, 6))
                .containsExactly(Standing.CLEAR, Standing.SUSPECT, Standing.SUSPECT, Standing.SUSPECT, Standing.CLEAR);
        assertThat(suspects.of("requests.image", 0, 3)).isEqualTo(Standing.CLEAR);
        assertThat(suspects.of(TOPIC, 1, 3)).isEqualTo(Standing.CLEAR);
    }

    @Test
    void aSuspectThatIsAnsweredIsCleared() throws Exception {
        die(false, 3, 4);
        Suspects suspects = Suspects.ofNewProcess(directory);

        try (Suspects.Watch watch = suspects.watch(TOPIC, 1, 8)) {
            watch.lane(0).begin(batch(3), true);
            watch.lane(0).end(batch(3), true);
        }

        assertThat(standings(suspects, 3, 4)).containsExactly(Standing.CLEAR, Standing.SUSPECT);
    }

    @Test
    void aSuspectThatWasAloneWhenTheProcessDiedAgainIsConvicted() throws Exception {
        die(false, 3, 4);
        die(true, 4);

        assertThat(standings(Suspects.ofNewProcess(directory), 3, 4))
                .containsExactly(Standing.SUSPECT, Standing.CONVICTED);
        // And stays so, however often the process starts.
        assertThat(standings(Suspects.ofNewProcess(directory), 3, 4))
                .containsExactly(Standing.SUSPECT, Standing.CONVICTED);
    }

    @Test
    void whoeverIsInABatchWithOthersTwiceIsNoMoreThanSuspected() throws Exception {
        die(false, 3, 4);
        die(false, 3, 4);

        assertThat(standings(Suspects.ofNewProcess(directory), 3, 4))
                .containsExactly(Standing.SUSPECT, Standing.SUSPECT);
    }

    @Test
    void batchesThatWereAnsweredLeaveNothing() throws Exception {
        Suspects suspects = Suspects.ofNewProcess(directory);
        try (Suspects.Watch watch = suspects.watch(TOPIC, 2, 8)) {
            watch.lane(0).begin(batch(1, 2), false);
            watch.lane(0).end(batch(1, 2), false);
            copyAsIfItsProcessHadDied();
        }

        assertThat(standings(Suspects.ofNewProcess(directory), 1, 2)).containsExactly(Standing.CLEAR, Standing.CLEAR);
    }

    @Test
    void whatALivingProcessHasInFlightIsLeftAlone() throws Exception {
        Suspects living = Suspects.ofNewProcess(directory);
        try (Suspects.Watch watch = living.watch(TOPIC, 1, 8)) {
            watch.lane(0).begin(batch(7), false);

            assertThat(Suspects.ofNewProcess(directory).of(TOPIC, 0, 7)).isEqualTo(Standing.CLEAR);
            assertThat(journals()).hasSize(1);
            watch.lane(0).end(batch(7), false);
        }
    }

    @Test
    void aProcessThatLivesOnHearsOfAnotherOnesDeath() throws Exception {
        Suspects before = Suspects.in(directory);
        die(false, 3);

        assertThat(Suspects.in(directory)).isSameAs(before);
        assertThat(before.of(TOPIC, 0, 3)).isEqualTo(Standing.SUSPECT);
    }

    @Test
    void nothingElseIsInFlightWithASuspect() throws Exception {
        Suspects suspects = Suspects.ofNewProcess(directory);
        try (Suspects.Watch watch = suspects.watch(TOPIC, 2, 8)) {
            watch.lane(0).begin(batch(1), true);
            CountDownLatch began = new CountDownLatch(1);
            Thread other = new Thread(() -> {
                watch.lane(1).begin(batch(2), false);
                began.countDown();
                watch.lane(1).end(batch(2), false);
            });
            other.start();
            while (other.getState() != Thread.State.WAITING) {
                assertThat(began.getCount()).isOne();
                Thread.onSpinWait();
            }

            watch.lane(0).end(batch(1), true);
            other.join();
            assertThat(began.getCount()).isZero();
        }
    }

    @Test
    void damagedRemainsAreNoReasonNotToStart() throws Exception {
        Files.write(directory.resolve("x" + InFlightJournal.SUFFIX), new byte[] {0, 0, 0, 9, 1});
        Files.writeString(directory.resolve("suspects.tsv"), "nonsense\n" + TOPIC + "\t0\t3\t1\n", UTF_8);

        assertThat(Suspects.ofNewProcess(directory).of(TOPIC, 0, 3)).isEqualTo(Standing.SUSPECT);
        assertThat(journals()).isEmpty();
    }

    /** As a process would leave it: mapped memory reaches the file, and nobody has it locked. */
    private void die(boolean isAlone, long... offsets) throws IOException {
        try (InFlightJournal journal = InFlightJournal.create(directory, TOPIC, 2, 8)) {
            journal.begin(1, batch(offsets), isAlone);
            copyAsIfItsProcessHadDied();
        }
        Suspects.ofNewProcess(directory);
    }

    private void copyAsIfItsProcessHadDied() throws IOException {
        Path journal = journals().get(0);
        Files.copy(journal, directory.resolve("dead" + InFlightJournal.SUFFIX));
    }

    private List<Path> journals() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(InFlightJournal.SUFFIX))
                    .toList();
        }
    }

    private static List<Standing> standings(Suspects suspects, long... offsets) {
        return Arrays.stream(offsets)
                .mapToObj(offset -> suspects.of(TOPIC, 0, offset))
                .toList();
    }

    private static InFlightBatch batch(long... offsets) {
        return new InFlightBatch() {
            @Override
            public int rows() {
                return offsets.length;
            }

            @Override
            public int partition(int row) {
                return 0;
            }

            @Override
            public long offset(int row) {
                return offsets[row];
            }
        };
    }
}
