package dev.penstock.chaos.platform;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory for checkpoints that can be full: a file system of its own in memory, where this process may mount one,
 * else a part of the disk that cannot. The caller closes it.
 */
public final class CheckpointDisk implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointDisk.class);
    private static final int MEBIBYTES = 64;
    private static final int BLOCK = 4096;

    private final Path directory;
    private final boolean limited;

    private CheckpointDisk(Path directory, boolean limited) {
        this.directory = directory;
        this.limited = limited;
    }

    /** A directory on the disk of everything else. */
    static CheckpointDisk unlimited(Path directory) throws IOException {
        Files.createDirectories(directory);
        return new CheckpointDisk(directory, false);
    }

    /** @throws IllegalStateException if it cannot be mounted: that takes the rights of root */
    static CheckpointDisk limited(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        int code = run(
                "mount", "-t", "tmpfs", "-o", "size=%dm".formatted(MEBIBYTES), "penstock-chaos", directory.toString());
        if (code != 0) {
            throw new IllegalStateException(
                    "Cannot mount a file system of %d MiB at %s: mount ended with %d; run as root, or leave the fault 'disk' out"
                            .formatted(MEBIBYTES, directory, code));
        }
        return new CheckpointDisk(directory, true);
    }

    public Path directory() {
        return directory;
    }

    /** Until nothing more can be written. */
    public void fill() throws IOException {
        if (!limited) {
            throw new IllegalStateException(
                    "Cannot fill %s: it is on the disk of everything else".formatted(directory));
        }
        byte[] zeros = new byte[BLOCK];
        try (OutputStream ballast = Files.newOutputStream(ballast())) {
            while (usable() > 0) {
                ballast.write(zeros);
            }
        } catch (IOException e) {
            if (usable() > BLOCK) {
                throw e;
            }
        }
    }

    public void free() throws IOException {
        Files.deleteIfExists(ballast());
    }

    private Path ballast() {
        return directory.resolve("ballast");
    }

    private long usable() throws IOException {
        FileStore store = Files.getFileStore(directory);
        return store.getUsableSpace();
    }

    @Override
    public void close() {
        if (!limited) {
            return;
        }
        try {
            int code = run("umount", "--lazy", directory.toString());
            if (code != 0) {
                LOG.warn("umount of {} ended with {}", directory, code);
            }
        } catch (IOException e) {
            LOG.warn("{} could not be unmounted", directory, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int run(String... words) throws IOException, InterruptedException {
        return new ProcessBuilder(words).inheritIO().start().waitFor();
    }
}
