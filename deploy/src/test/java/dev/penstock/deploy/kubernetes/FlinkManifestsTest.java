package dev.penstock.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FlinkManifestsTest {
    static List<Manifest> jobs() {
        return Manifest.ofKind("FlinkDeployment").stream()
                .filter(manifest -> manifest.file().startsWith("base"))
                .toList();
    }

    @Test
    void runEveryJobOnItsOwn() {
        assertThat(jobs())
                .extracting(job -> job.content().at("/spec/job/entryClass").asText())
                .containsExactlyInAnyOrder(
                        "dev.penstock.inference.Main", "dev.penstock.rollout.Main", "dev.penstock.retrain.Main");
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void startClassesThatAreThereWithFilesThatAreMounted(Manifest job) throws Exception {
        JsonNode started = job.content().at("/spec/job");

        assertThat(Class.forName(
                                started.path("entryClass").asText(),
                                false,
                                getClass().getClassLoader())
                        .getMethod("main", String[].class))
                .isNotNull();
        assertThat(started.path("jarURI").asText()).isEqualTo("local:///opt/flink/lib/penstock-jobs.jar");
        String mounted = StreamSupport.stream(
                        job.podSpec().at("/containers/0/volumeMounts").spliterator(), false)
                .filter(mount -> mount.path("name").asText().equals("configuration"))
                .map(mount -> mount.path("mountPath").asText())
                .findFirst()
                .orElseThrow();
        assertThat(started.path("args")).hasSize(2).allSatisfy(argument -> {
            Path file = Path.of(argument.asText());
            assertThat(file.getParent()).hasToString(mounted);
            assertThat(Manifest.FOLDER.resolve("base/config").resolve(file.getFileName()))
                    .exists();
        });
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void stopWithASavepointAndLoseNoStateWithoutAWord(Manifest job) {
        JsonNode spec = job.content().path("spec");

        assertThat(spec.at("/job/upgradeMode").asText()).isEqualTo("savepoint");
        assertThat(spec.at("/job/allowNonRestoredState").asBoolean(true)).isFalse();
        assertThat(spec.at("/flinkConfiguration/high-availability.type").asText())
                .isEqualTo("kubernetes");
        assertThat(spec.at("/flinkConfiguration/execution.checkpointing.savepoint-dir")
                        .asText())
                .startsWith("s3://penstock-state/" + job.name().substring("penstock-".length()));
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void haveASlotForEachTask(Manifest job) {
        JsonNode spec = job.content().path("spec");

        assertThat(spec.at("/taskManager/replicas").asInt()
                        * spec.at("/flinkConfiguration/taskmanager.numberOfTaskSlots")
                                .asInt())
                .isEqualTo(spec.at("/job/parallelism").asInt());
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void listenOnPortsThatThePoliciesOpen(Manifest job) {
        JsonNode settings = job.content().at("/spec/flinkConfiguration");
        Set<Integer> ports = new TreeSet<>();
        for (String key : List.of(
                "jobmanager.rpc.port",
                "blob.server.port",
                "taskmanager.rpc.port",
                "taskmanager.data.port",
                "metrics.internal.query-service.port")) {
            ports.add(settings.path(key).asInt());
        }

        assertThat(opened("penstock-jobs", 0)).isEqualTo(ports);
        assertThat(opened("penstock-metrics", 0))
                .contains(settings.path("metrics.reporter.prometheus.port").asInt());
    }

    @Test
    void theJobsConfigurationIsHandedToThemAndAllOfIt() {
        JsonNode generated =
                Manifest.documents(Path.of("base/kustomization.yaml")).get(0).at("/configMapGenerator/0");

        assertThat(generated.path("name").asText()).isEqualTo("penstock-configuration");
        assertThat(StreamSupport.stream(generated.path("files").spliterator(), false)
                        .map(file -> Path.of("base").resolve(file.asText()))
                        .toList())
                .containsExactlyInAnyOrderElementsOf(Manifest.files().stream()
                        .filter(file -> file.startsWith("base/config"))
                        .toList());
    }

    @Test
    void everyManifestIsNamedByAKustomizationAndIsThere() {
        Set<Path> named = new TreeSet<>();
        for (Path file : Manifest.files()) {
            if (file.endsWith("kustomization.yaml")) {
                JsonNode kustomization = Manifest.documents(file).get(0);
                List<String> entries = new ArrayList<>();
                for (String list : List.of("resources", "configurations")) {
                    kustomization.path(list).forEach(entry -> entries.add(entry.asText()));
                }
                kustomization.at("/configMapGenerator/0/files").forEach(entry -> entries.add(entry.asText()));
                kustomization
                        .path("patches")
                        .forEach(patch -> entries.add(patch.path("path").asText()));
                for (String entry : entries) {
                    Path target = file.resolveSibling(entry).normalize();
                    assertThat(Manifest.FOLDER.resolve(target))
                            .as("%s of %s", entry, file)
                            .exists();
                    named.add(
                            Files.isDirectory(Manifest.FOLDER.resolve(target))
                                    ? target.resolve("kustomization.yaml")
                                    : target);
                }
            }
        }

        assertThat(named)
                .containsAll(Manifest.files().stream()
                        // Nobody names what somebody applies.
                        .filter(file -> !file.equals(Path.of("overlays/gpu/kustomization.yaml")))
                        .collect(Collectors.toSet()));
    }

    private static Set<Integer> opened(String policy, int rule) {
        Set<Integer> ports = new TreeSet<>();
        Manifest.ofKind("NetworkPolicy").stream()
                .filter(manifest -> manifest.name().equals(policy))
                .forEach(manifest -> manifest.content()
                        .at("/spec/ingress/%d/ports".formatted(rule))
                        .forEach(port -> ports.add(port.path("port").asInt())));
        return ports;
    }
}
