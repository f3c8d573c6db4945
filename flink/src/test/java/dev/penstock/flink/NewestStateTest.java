package dev.penstock.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.flink.NewestState.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.CheckpointRetentionPolicy;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of the states that runs left behind the next one goes on from. */
class NewestStateTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @TempDir
    private Path directory;

    @Test
    void nothingIsFoundWhereNothingRan() {
        assertThat(NewestState.in(flinkPath(directory))).isEmpty();
        assertThat(NewestState.in(flinkPath(directory.resolve("absent")))).isEmpty();
    }

    @Test
    void theOneThatWasCompletedLastIsFoundWhicheverRunItIsOf() throws IOException {
        checkpoint("first-run/chk-40", 40, NOON);
        checkpoint("second-run/chk-7", 7, NOON.plusSeconds(60));
        savepoint("savepoints/savepoint-a", 30, NOON.minusSeconds(60));

        NewestState newest = NewestState.in(flinkPath(directory)).orElseThrow();

        assertThat(nameOf(newest)).isEqualTo("chk-7");
        assertThat(newest.completedAt()).isEqualTo(NOON.plusSeconds(60));
        assertThat(newest.checkpointId()).isEqualTo(7);
    }

    @Test
    void aSavepointAfterTheLastCheckpointIsGoneOnFrom() throws IOException {
        checkpoint("run/chk-40", 40, NOON);
        savepoint("savepoints/savepoint-a", 41, NOON.plusMillis(1));

        assertThat(newest()).contains("savepoint-a");
    }

    @Test
    void aCheckpointAfterTheLastSavepointIsGoneOnFrom() throws IOException {
        savepoint("savepoints/savepoint-a", 41, NOON);
        checkpoint("next-run/chk-42", 42, NOON.plusMillis(1));

        assertThat(newest()).contains("chk-42");
    }

    @Test
    void ofTwoThatAreEquallyOldTheOneThatCountsHigherIsGoneOnFrom() throws IOException {
        checkpoint("run/chk-40", 40, NOON);
        savepoint("savepoints/savepoint-a", 41, NOON);
        checkpoint("run/chk-39", 39, NOON);

        assertThat(newest()).contains("savepoint-a");
    }

    @Test
    void whatWasNotCompletedIsPassedOverForAnOlder() throws IOException {
        checkpoint("run/chk-1", 1, NOON);
        checkpoint("run/chk-2", 2, NOON.plusSeconds(1));
        Path cutOff = checkpoint("run/chk-3", 3, NOON.plusSeconds(2));
        byte[] whole = Files.readAllBytes(cutOff);
        write(cutOff, whole, whole.length / 2, NOON.plusSeconds(2));
        Path empty = checkpoint("run/chk-4", 4, NOON.plusSeconds(3));
        write(empty, new byte[0], 0, NOON.plusSeconds(3));
        // Flink's own name for a file that it has not finished.
        Path unfinished =
                Files.createDirectories(directory.resolve("run/chk-5")).resolve("._metadata.inprogress.1");
        write(unfinished, whole, whole.length, NOON.plusSeconds(4));

        assertThat(newest()).contains("chk-2");
    }

    @Test
    void whatStateIsSharedIsNotLookedThrough() throws IOException {
        checkpoint("run/chk-1", 1, NOON);
        checkpoint("run/shared/chk-2", 2, NOON.plusSeconds(1));

        assertThat(newest()).contains("chk-1");
    }

    @Test
    void aDirectoryThatCannotBeLookedAtIsNotTakenForAnEmptyOne() {
        assertThatThrownBy(() -> NewestState.in(new org.apache.flink.core.fs.Path("nowhere://bucket/checkpoints")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("Cannot look for checkpoints in nowhere://bucket/checkpoints");
    }

    @Test
    void theRunThatGoesOnOwnsACheckpointAndNoSavepoint() throws IOException {
        Configuration settings = new Configuration();
        checkpoint("run/chk-1", 1, NOON);
        NewestState checkpoint = NewestState.in(flinkPath(directory)).orElseThrow();
        savepoint("savepoints/savepoint-a", 2, NOON.plusSeconds(1));
        NewestState savepoint = NewestState.in(flinkPath(directory)).orElseThrow();

        checkpoint.recoverBy(settings);
        assertThat(checkpoint.kind()).isEqualTo(Kind.CHECKPOINT);
        assertThat(settings.get(StateRecoveryOptions.RESTORE_MODE)).isEqualTo(RecoveryClaimMode.CLAIM);
        assertThat(settings.get(StateRecoveryOptions.SAVEPOINT_PATH)).endsWith("/run/chk-1");

        savepoint.recoverBy(settings);
        assertThat(savepoint.kind()).isEqualTo(Kind.SAVEPOINT);
        assertThat(settings.get(StateRecoveryOptions.RESTORE_MODE)).isEqualTo(RecoveryClaimMode.NO_CLAIM);
        assertThat(settings.get(StateRecoveryOptions.SAVEPOINT_PATH)).endsWith("/savepoints/savepoint-a");
    }

    private Optional<String> newest() {
        return NewestState.in(flinkPath(directory)).map(NewestStateTest::nameOf);
    }

    private static String nameOf(NewestState state) {
        return state.path().getName();
    }

    private Path checkpoint(String place, long id, Instant completedAt) throws IOException {
        return state(
                place,
                id,
                CheckpointProperties.forCheckpoint(CheckpointRetentionPolicy.RETAIN_ON_CANCELLATION),
                completedAt);
    }

    private void savepoint(String place, long id, Instant completedAt) throws IOException {
        state(place, id, CheckpointProperties.forSavepoint(true, SavepointFormatType.CANONICAL), completedAt);
    }

    private Path state(String place, long id, CheckpointProperties properties, Instant completedAt) throws IOException {
        Path file = Files.createDirectories(directory.resolve(place)).resolve("_metadata");
        try (OutputStream out = Files.newOutputStream(file)) {
            Checkpoints.storeCheckpointMetadata(new CheckpointMetadata(id, List.of(), List.of(), properties), out);
        }
        Files.setLastModifiedTime(file, FileTime.from(completedAt));
        return file;
    }

    private static void write(Path file, byte[] content, int length, Instant completedAt) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(content, 0, length);
        }
        Files.setLastModifiedTime(file, FileTime.from(completedAt));
    }

    private static org.apache.flink.core.fs.Path flinkPath(Path path) {
        return new org.apache.flink.core.fs.Path(path.toUri());
    }
}
