package dev.penstock.chaos.platform;

import java.util.Locale;

/** Where the jobs keep checkpoints and savepoints. Each has a name on the command line: {@link #label()}. */
public enum CheckpointStore {
    /** A directory that all processes share. */
    DISK,
    /** A bucket behind a server that speaks S3, which Flink reaches by its plugin. */
    S3;

    /** Its name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is none of this name */
    public static CheckpointStore named(String label) {
        for (CheckpointStore store : values()) {
            if (store.label().equals(label)) {
                return store;
            }
        }
        throw new IllegalArgumentException("Cannot keep checkpoints in '%s': use disk or s3".formatted(label));
    }
}
