package dev.penstock.chaos.platform;

import java.net.URI;
import java.util.Map;

/**
 * How Flink reaches checkpoints and savepoints.
 *
 * @param directory of the jobs, on a file system that Flink knows
 * @param settings lines of Flink's configuration
 * @param variables of the environment of Flink's processes
 */
record CheckpointAccess(URI directory, String settings, Map<String, String> variables) {
    CheckpointAccess {
        variables = Map.copyOf(variables);
    }

    /** Of a file system that Flink brings along. */
    static CheckpointAccess byUriAlone(URI directory) {
        return new CheckpointAccess(directory, "", Map.of());
    }

    URI savepoints() {
        String parent = directory.toString();
        return URI.create(parent.endsWith("/") ? parent + "savepoints" : parent + "/savepoints");
    }
}
