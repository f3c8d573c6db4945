package dev.penstock.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PodsTest {
    static List<Manifest> pods() {
        return Manifest.all().stream()
                .filter(manifest -> manifest.file().startsWith("base"))
                .filter(manifest -> !manifest.podSpec().isMissingNode())
                .toList();
    }

    @Test
    void areThoseOfEveryPartOfThePlatform() {
        assertThat(pods())
                .extracting(Manifest::name)
                .containsExactlyInAnyOrder(
                        "penstock-ingest", "penstock-inference", "penstock-rollout", "penstock-retrain");
    }

    @ParameterizedTest
    @MethodSource("pods")
    void areNotRootAndCannotBecomeIt(Manifest manifest) {
        JsonNode pod = manifest.podSpec().path("securityContext");

        assertThat(pod.path("runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.path("runAsUser").asInt()).isEqualTo(9999);
        assertThat(pod.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        assertThat(manifest.podSpec().path("containers")).hasSize(1).allSatisfy(container -> {
            JsonNode own = container.path("securityContext");
            assertThat(own.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
            assertThat(own.path("readOnlyRootFilesystem").asBoolean()).isTrue();
            assertThat(own.at("/capabilities/drop").toString()).isEqualTo("[\"ALL\"]");
        });
    }

    @ParameterizedTest
    @MethodSource("pods")
    void writeOnlyWhereSomethingIsMountedForIt(Manifest manifest) {
        JsonNode container = manifest.podSpec().at("/containers/0");
        Set<String> declared = names(manifest.podSpec().path("volumes"));

        assertThat(names(container.path("volumeMounts"))).isEqualTo(declared);
        for (JsonNode mount : container.path("volumeMounts")) {
            JsonNode volume = StreamSupport.stream(
                            manifest.podSpec().path("volumes").spliterator(), false)
                    .filter(candidate -> candidate.path("name").equals(mount.path("name")))
                    .findFirst()
                    .orElseThrow();
            assertThat(mount.path("readOnly").asBoolean())
                    .as("%s of %s", mount.path("name"), manifest)
                    .isEqualTo(!volume.has("emptyDir"));
        }
    }

    @ParameterizedTest
    @MethodSource("pods")
    void haveNoSecretInTheirManifest(Manifest manifest) {
        for (JsonNode variable : manifest.podSpec().at("/containers/0/env")) {
            String name = variable.path("name").asText().toUpperCase(Locale.ROOT);
            if (name.contains("PASSWORD") || name.contains("LOGIN") || name.contains("KEY")) {
                assertThat(variable.has("valueFrom") || name.endsWith("_FILE"))
                        .as(name)
                        .isTrue();
            }
        }
    }

    @Test
    void theReadmeNamesWhatSomebodyMustBring() throws Exception {
        Set<String> needed = new TreeSet<>();
        Set<String> made = new HashSet<>(Set.of("penstock-configuration", "penstock-cluster-ca-cert"));
        Manifest.ofKind("KafkaUser").forEach(user -> made.add(user.name()));
        for (Manifest manifest : pods()) {
            for (JsonNode volume : manifest.podSpec().path("volumes")) {
                needed.add(volume.at("/secret/secretName").asText());
                needed.add(volume.at("/configMap/name").asText());
            }
            for (JsonNode variable : manifest.podSpec().at("/containers/0/env")) {
                needed.add(variable.at("/valueFrom/secretKeyRef/name").asText());
            }
        }
        needed.remove("");
        needed.removeAll(made);

        String readme = Files.readString(Path.of("kubernetes", "README.md"));
        assertThat(needed).isNotEmpty().allSatisfy(name -> assertThat(readme).contains("`" + name + "`"));
    }

    @ParameterizedTest
    @MethodSource("pods")
    void areReachedByThePoliciesAndDrainedOneByOne(Manifest manifest) {
        JsonNode labels = manifest.kind().equals("Deployment")
                ? manifest.content().at("/spec/template/metadata/labels")
                : manifest.content().at("/spec/podTemplate/metadata/labels");

        assertThat(labels.path("app.kubernetes.io/part-of").asText()).isEqualTo("penstock");
        assertThat(labels.path("app.kubernetes.io/name").asText()).isEqualTo(manifest.name());
        assertThat(Manifest.ofKind("PodDisruptionBudget").stream().map(budget -> budget.content()
                        .at("/spec/selector/matchLabels/app.kubernetes.io~1name")
                        .asText()))
                .contains(manifest.name());
    }

    @Test
    void nothingReachesThemThatNoPolicyNames() {
        Manifest nothing = Manifest.ofKind("NetworkPolicy").stream()
                .filter(policy -> policy.name().equals("penstock-nothing"))
                .findFirst()
                .orElseThrow();

        assertThat(nothing.content().at("/spec/podSelector/matchLabels").toString())
                .isEqualTo("{\"app.kubernetes.io/part-of\":\"penstock\"}");
        assertThat(nothing.content().at("/spec/policyTypes").toString()).isEqualTo("[\"Ingress\",\"Egress\"]");
        assertThat(nothing.content().path("spec").has("ingress")).isFalse();
        assertThat(nothing.content().path("spec").has("egress")).isFalse();
    }

    private static Set<String> names(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(entry -> entry.path("name").asText())
                .collect(Collectors.toSet());
    }
}
