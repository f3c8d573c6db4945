package dev.penstock.deploy.containers;

import java.time.Duration;

/**
 * What the container tests need of Docker, asked for before anything is started: Testcontainers itself tries for minutes
 * to pull an image that cannot be had, and tells of it in many lines.
 */
final class Docker {
    private static final String WITHOUT = "leave the profile 'containers' out";
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration PULL = Duration.ofMinutes(10);

    private final Command docker;

    Docker(Command docker) {
        this.docker = docker;
    }

    static Docker ofThisMachine() {
        return new Docker(Command.of("docker"));
    }

    /** @throws IllegalStateException if no daemon answers */
    void requireAnswer() throws InterruptedException {
        try {
            docker.run(ANSWER, "version", "--format", "{{.Server.Version}}");
        } catch (Command.FailedException e) {
            throw new IllegalStateException(
                    "Cannot run the container tests: Docker does not answer (%s); start it, or %s"
                            .formatted(e.getMessage(), WITHOUT),
                    e);
        }
    }

    /**
     * Pulls the image if it is not here; once.
     *
     * @param remedy what else can be done
     * @throws IllegalStateException if it is not here and cannot be pulled
     */
    void requireImage(String image, String remedy) throws InterruptedException {
        try {
            docker.run(ANSWER, "image", "inspect", "--format", "{{.Id}}", image);
        } catch (Command.FailedException missing) {
            try {
                docker.run(PULL, "pull", "--quiet", image);
            } catch (Command.FailedException e) {
                throw new IllegalStateException(
                        "Cannot run the container tests: image '%s' is not here and cannot be pulled (%s); %s, or %s"
                                .formatted(image, e.getMessage(), remedy, WITHOUT),
                        e);
            }
        }
    }
}
