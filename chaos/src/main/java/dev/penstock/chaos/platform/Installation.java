package dev.penstock.chaos.platform;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What is run: the jobs as one jar, and Flink.
 *
 * @param jobs the jar with all jobs
 * @param flink folder with Flink's own libraries, TensorFlow among them
 * @param plugins folder of Flink's plugins, each in a folder of its own
 * @param objectStore folder with the libraries of a server that speaks S3
 */
public record Installation(Path jobs, Path flink, Path plugins, Path objectStore) {
    private static final String JOBS = "deploy/target/penstock-jobs.jar";
    private static final String FLINK = "deploy/target/flink-lib";
    private static final String PLUGINS = "deploy/target/flink-plugins";
    private static final String OBJECT_STORE = "chaos/s3/target/server";

    /**
     * What the build has left.
     *
     * @param home top folder of the project
     * @throws IllegalStateException if it was not built
     */
    public static Installation in(Path home) {
        Installation found = new Installation(
                home.resolve(JOBS), home.resolve(FLINK), home.resolve(PLUGINS), home.resolve(OBJECT_STORE));
        List<String> missing = new ArrayList<>();
        if (!Files.isRegularFile(found.jobs())) {
            missing.add(found.jobs().toString());
        }
        for (Path folder : List.of(found.flink(), found.plugins(), found.objectStore())) {
            if (!Files.isDirectory(folder)) {
                missing.add(folder.toString());
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "Cannot start the platform: %s not there; run ./mvnw -pl chaos -am -DskipTests package in %s"
                            .formatted(String.join(" and ", missing) + (missing.size() == 1 ? " is" : " are"), home));
        }
        return found;
    }
}
