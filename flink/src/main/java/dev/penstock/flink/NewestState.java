package dev.penstock.flink;

import static java.util.stream.Collectors.toList;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last complete checkpoint or savepoint in a job's directory: what its next run goes on from.
 *
 * <p>Flink writes {@code _metadata} when all else of a state is there, and deletes it before all else, so a state that has
 * one is complete. One that cannot be read, as after a copy that was cut off, is passed over for the next older.
 *
 * @param path its directory
 * @param completedAt when its metadata was written, by the clock of the file system
 * @param checkpointId its number, counted on by each run that goes on from another
 * @param kind who deletes it
 */
public record NewestState(Path path, Instant completedAt, long checkpointId, Kind kind) {
    private static final Logger LOG = LoggerFactory.getLogger(NewestState.class);
    private static final String METADATA = "_metadata";
    /** Of a job's directory: what several of its checkpoints share, and never one itself. */
    private static final Set<String> SHARED = Set.of("shared", "taskowned");
    /** The platform's directory of a job holds {@code checkpoints/<job>/chk-<number>}. */
    private static final int DEEPEST = 3;

    /** Who deletes a state. */
    public enum Kind {
        /** The run that goes on from it, once it has a newer one: else each start would leave one behind. */
        CHECKPOINT(RecoveryClaimMode.CLAIM),
        /** Whoever asked for it. */
        SAVEPOINT(RecoveryClaimMode.NO_CLAIM);

        private final RecoveryClaimMode claim;

        Kind(RecoveryClaimMode claim) {
            this.claim = claim;
        }
    }

    /**
     * The one that was completed last, of whichever run.
     *
     * @param directory on any file system that Flink knows; it need not exist
     * @throws UncheckedIOException if it cannot be looked at: a job that began anew then would forget everything
     */
    public static Optional<NewestState> in(Path directory) {
        List<FileStatus> found = new ArrayList<>();
        try {
            collect(directory.getFileSystem(), directory, DEEPEST, found);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot look for checkpoints in %s: %s; see that it can be reached with the rights of this job"
                            .formatted(directory, e),
                    e);
        }
        return found.stream()
                .collect(Collectors.groupingBy(
                        FileStatus::getModificationTime, () -> new TreeMap<>(Comparator.reverseOrder()), toList()))
                .values()
                .stream()
                .flatMap(atOnce -> newestOf(atOnce).stream())
                .findFirst();
    }

    /** Where a file system counts seconds, a checkpoint and the savepoint after it may be of the same. */
    private static Optional<NewestState> newestOf(List<FileStatus> atOnce) {
        return atOnce.stream()
                .flatMap(metadata -> read(metadata).stream())
                .max(Comparator.comparingLong(NewestState::checkpointId));
    }

    /** Lets a job that is run with these settings go on from here. */
    public void recoverBy(Configuration settings) {
        settings.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toString());
        settings.set(StateRecoveryOptions.RESTORE_MODE, kind.claim);
    }

    private static void collect(FileSystem files, Path directory, int deeper, List<FileStatus> found)
            throws IOException {
        List<Path> below = new ArrayList<>();
        for (FileStatus entry : list(files, directory)) {
            String name = entry.getPath().getName();
            if (!entry.isDir() && name.equals(METADATA)) {
                // What lies beside it belongs to it.
                found.add(entry);
                return;
            }
            if (entry.isDir() && !SHARED.contains(name)) {
                below.add(entry.getPath());
            }
        }
        if (deeper > 0) {
            for (Path child : below) {
                collect(files, child, deeper - 1, found);
            }
        }
    }

    /** Nothing of a directory that is not there, or not any more. */
    private static FileStatus[] list(FileSystem files, Path directory) throws IOException {
        try {
            FileStatus[] entries = files.listStatus(directory);
            return entries == null ? new FileStatus[0] : entries;
        } catch (FileNotFoundException e) {
            return new FileStatus[0];
        }
    }

    private static Optional<NewestState> read(FileStatus file) {
        Path directory = file.getPath().getParent();
        byte[] content;
        try (InputStream in = directory.getFileSystem().open(file.getPath())) {
            content = in.readAllBytes();
        } catch (FileNotFoundException e) {
            LOG.info("Passing over {}, which was deleted just now", directory);
            return Optional.empty();
        } catch (IOException e) {
            // It may be whole, and the file system away: an older state must not take its place.
            throw new UncheckedIOException(
                    "Cannot read %s: %s; start the job again when its file system answers".formatted(file.getPath(), e),
                    e);
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content))) {
            CheckpointMetadata metadata =
                    Checkpoints.loadCheckpointMetadata(in, NewestState.class.getClassLoader(), directory.toString());
            CheckpointProperties properties = metadata.getCheckpointProperties();
            return Optional.of(new NewestState(
                    directory,
                    Instant.ofEpochMilli(file.getModificationTime()),
                    metadata.getCheckpointId(),
                    properties != null && properties.isSavepoint() ? Kind.SAVEPOINT : Kind.CHECKPOINT));
        } catch (IOException | RuntimeException e) {
            LOG.warn("Passing over {}, whose metadata is not whole: {}", directory, e.toString());
            return Optional.empty();
        }
    }
}
