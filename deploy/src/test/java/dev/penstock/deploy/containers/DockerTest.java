package dev.penstock.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is said where container tests were asked for and cannot be run. Needs no Docker. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "stands in for Docker with shell scripts")
class DockerTest {
    @TempDir
    private Path directory;

    @Test
    void aMachineWithoutDockerIsToldInOneSentence() {
        Docker docker = new Docker(Command.of("no-such-docker"));

        assertThatIllegalStateException()
                .isThrownBy(docker::requireAnswer)
                .withMessageMatching(
                        "Cannot run the container tests: Docker does not answer \\(.*no-such-docker.*\\); start it, or leave the profile 'containers' out");
    }

    @Test
    void aDaemonThatDoesNotAnswerIsToldWithItsReason() throws IOException {
        Docker docker = standIn("""
                echo '' >&2
                echo 'Cannot connect to the Docker daemon at tcp://there:1.' >&2
                exit 1
                """);

        assertThatIllegalStateException()
                .isThrownBy(docker::requireAnswer)
                .withMessage(
                        "Cannot run the container tests: Docker does not answer (Cannot connect to the Docker daemon at tcp://there:1.); start it, or leave the profile 'containers' out");
    }

    @Test
    void anImageThatIsHereIsNotPulled() throws IOException {
        Docker docker = standIn("test \"$1\" = image");

        assertThatCode(() -> docker.requireImage("some/kafka:1", "name another with SOME_IMAGE"))
                .doesNotThrowAnyException();
    }

    @Test
    void anImageThatIsNotHereIsPulled() throws Exception {
        Docker docker = standIn("""
                echo "$@" >> %s
                test "$1" = pull
                """.formatted(directory.resolve("asked")));

        docker.requireImage("some/kafka:1", "name another with SOME_IMAGE");

        assertThat(directory.resolve("asked"))
                .content()
                .isEqualTo("image inspect --format {{.Id}} some/kafka:1\npull --quiet some/kafka:1\n");
    }

    @Test
    void anImageThatCannotBeHadIsToldWithWhatElseCanBeDone() throws IOException {
        Docker docker = standIn("""
                echo 'Error response from daemon: no route to host' >&2
                exit 1
                """);

        assertThatIllegalStateException()
                .isThrownBy(() -> docker.requireImage("some/kafka:1", "name another with SOME_IMAGE"))
                .withMessage(
                        "Cannot run the container tests: image 'some/kafka:1' is not here and cannot be pulled (Error response from daemon: no route to host); name another with SOME_IMAGE, or leave the profile 'containers' out");
    }

    private Docker standIn(String script) throws IOException {
        Path file = Files.writeString(directory.resolve("docker"), script);
        return new Docker(new Command(List.of("sh", file.toString()), directory, Map.of()));
    }
}
