package dev.penstock.deploy.compose;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What {@code docker-compose.yml} promises, whichever version of compose reads it. */
class ComposeTest {
    private static final Pattern NAMED_VOLUME =
            Pattern.compile("(?<name>[a-z][a-z0-9-]*):(?<path>/[^:]*)(:(?<options>.*))?");

    private final JsonNode services = services();

    /**
     * An empty volume takes its owner from the image of each container that is created with it. Compose v2 creates all of
     * them before it starts the first, so that the last would own it; version 1 creates them one by one.
     */
    @Test
    void theOwnerOfAVolumeIsOfOneImage() {
        Set<String> volumes = mounts().stream().map(Mount::volume).collect(Collectors.toSet());

        assertThat(volumes).isNotEmpty().allSatisfy(volume -> assertThat(mounts().stream()
                        .filter(mount -> mount.volume().equals(volume))
                        .filter(mount -> !mount.options().contains("nocopy"))
                        .map(Mount::image)
                        .distinct())
                .as("images that decide who owns %s", volume)
                .hasSize(1));
    }

    @Test
    void secretsAreWrittenByOneServiceAlone() {
        assertThat(mounts())
                .filteredOn(mount -> mount.volume().startsWith("secrets-"))
                .hasSizeGreaterThan(10)
                .allSatisfy(mount -> assertThat(mount.options().contains("ro"))
                        .as("%s reads only", mount)
                        .isEqualTo(!mount.service().equals("secrets")));
    }

    @Test
    void portsAreOnLoopback() {
        List<String> ports = new ArrayList<>();
        services.forEach(service -> service.path("ports").forEach(port -> ports.add(port.asText())));

        assertThat(ports).hasSizeGreaterThan(3).allMatch(port -> port.startsWith("127.0.0.1:"));
    }

    @Test
    void everyServiceHasALimitOfMemory() {
        assertThat(services).isNotEmpty().allSatisfy(service -> assertThat(service.has("mem_limit"))
                .as("%s", service)
                .isTrue());
    }

    private record Mount(String service, String image, String volume, List<String> options) {}

    private List<Mount> mounts() {
        List<Mount> mounts = new ArrayList<>();
        services.properties()
                .forEach(service -> service.getValue().path("volumes").forEach(volume -> {
                    Matcher named = NAMED_VOLUME.matcher(volume.asText());
                    if (named.matches()) {
                        String options = named.group("options");
                        mounts.add(new Mount(
                                service.getKey(),
                                service.getValue().path("image").asText(),
                                named.group("name"),
                                options == null ? List.of() : List.of(options.split(","))));
                    }
                }));
        return mounts;
    }

    private static JsonNode services() {
        try {
            Object content = new Yaml().load(Files.readString(Path.of("..", "docker-compose.yml")));
            return new ObjectMapper().<JsonNode>valueToTree(content).path("services");
        } catch (IOException e) {
            throw new IllegalStateException("Cannot read docker-compose.yml: " + e.getMessage(), e);
        }
    }
}
