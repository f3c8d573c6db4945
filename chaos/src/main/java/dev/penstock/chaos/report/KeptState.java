package dev.penstock.chaos.report;

import java.io.File;
import java.nio.file.Path;

/**
 * What checkpoints and savepoints have left when nothing wrote any more.
 *
 * @param store by its name on the command line
 * @param files or objects
 * @param complete checkpoints and savepoints that a job can go on from
 */
public record KeptState(String store, long files, long bytes, long complete) {
    private static final String METADATA = "_metadata";

    /** Of a directory and all below. */
    public static KeptState in(String store, Path directory) {
        return new KeptState(store, 0, 0, 0).with(directory.toFile());
    }

    private KeptState with(File entry) {
        File[] below = entry.listFiles();
        if (below != null) {
            KeptState all = this;
            for (File child : below) {
                all = all.with(child);
            }
            return all;
        }
        if (!entry.isFile()) {
            return this;
        }
        return new KeptState(
                store,
                files + 1,
                bytes + entry.length(),
                complete + (entry.getName().equals(METADATA) ? 1 : 0));
    }
}
