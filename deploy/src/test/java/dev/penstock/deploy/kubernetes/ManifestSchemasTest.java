package dev.penstock.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ManifestSchemasTest {
    private static final PublishedSchemas SCHEMAS = new PublishedSchemas();
    /** KEDA's, which the README says were held against its definition by hand. */
    private static final Set<String> BY_HAND = Set.of("ScaledObject", "TriggerAuthentication");

    static List<Manifest> manifests() {
        return Manifest.all().stream()
                .filter(manifest -> !BY_HAND.contains(manifest.kind()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void saysWhatItsOwnersSchemaKnowsAndNothingElse(Manifest manifest) {
        assertThat(SCHEMAS.mistakes(manifest)).as("%s", manifest).isEmpty();
    }

    @Test
    void everyKindThatIsUsedIsHeldToASchemaOrNamedAsNotHeld() {
        assertThat(Manifest.all()).allSatisfy(manifest -> assertThat(
                        PublishedSchemas.knows(manifest) || BY_HAND.contains(manifest.kind()))
                .as("%s", manifest)
                .isTrue());
        assertThat(Manifest.all().stream().map(Manifest::kind).collect(Collectors.toSet()))
                .hasSizeGreaterThanOrEqualTo(14);
    }

    @ParameterizedTest
    @CsvSource({
        "FlinkDeployment, /spec, upgradeMoode",
        "FlinkDeployment, /spec/job, upgradeMoode",
        "FlinkDeployment, /spec/podTemplate/spec/containers/0, securitycontext",
        "Deployment, /spec/template/spec/containers/0/securityContext, privilegeEscalation",
        "NetworkPolicy, /spec, egres",
        "PodDisruptionBudget, /spec, maxUnavailabel",
        "Kafka, /spec/kafka, listener",
        "KafkaNodePool, /spec, replica",
        "KafkaTopic, /spec, partition",
        "KafkaUser, /spec/authorization/acls/0, operation-s"
    })
    void aKeyThatIsMisspelledIsFound(String kind, String place, String misspelled) {
        Manifest manifest = Manifest.ofKind(kind).get(0);
        JsonNode content = manifest.content().deepCopy();
        ((ObjectNode) content.at(place)).put(misspelled, "true");

        assertThat(SCHEMAS.mistakes(new Manifest(manifest.file(), content)))
                .isNotEmpty()
                .first()
                .asString()
                .contains(misspelled);
    }

    @Test
    void aValueOfAnotherTypeIsFound() {
        Manifest manifest = Manifest.ofKind("FlinkDeployment").get(0);
        JsonNode content = manifest.content().deepCopy();
        ((ObjectNode) content.at("/spec/flinkConfiguration")).put("web.submit.enable", false);
        ((ObjectNode) content.at("/spec/job")).put("upgradeMode", "sometimes");

        assertThat(SCHEMAS.mistakes(new Manifest(manifest.file(), content))).hasSize(2);
    }
}
