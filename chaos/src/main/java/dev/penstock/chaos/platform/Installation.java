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
 */
public record Installation(Path jobs, Path flink) {
    private static final String JOBS = "deploy/target/penstock-jobs.jar";
    private static final String FLINK = "deploy/target/flink-lib";

    /**
     * What the build has left.
     *
     * @param home top folder of the project
     * @throws IllegalStateException if it was not built
     */
    public static Installation in(Path home) {
        Installation found = new Installation(home.resolve(JOBS), home.resolve(FLINK));
        List<String> missing = new ArrayList<>();
        if (!Files.isRegularFile(found.jobs())) {
            missing.add(found.jobs().toString());
        }
        if (!Files.isDirectory(found.flink())) {
            missing.add(found.flink().toString());
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "Cannot start the platform: %s not there; run ./mvnw -pl deploy -am -DskipTests package in %s"
                            .formatted(String.join(" and ", missing) + (missing.size() == 1 ? " is" : " are"), home));
        }
        return found;
    }
}
