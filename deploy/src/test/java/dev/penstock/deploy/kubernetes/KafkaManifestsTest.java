package dev.penstock.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.pipelines.Source;
import dev.penstock.schemas.topics.Access;
import dev.penstock.schemas.topics.Application;
import dev.penstock.schemas.topics.Right;
import dev.penstock.schemas.topics.Topic;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KafkaManifestsTest {
    private static final Set<String> SOURCES =
            Pipelines.read(Manifest.FOLDER.resolve("base/config/pipelines.yaml"), Map.of()).withSource().stream()
                    .map(pipeline -> pipeline.source().map(Source::topic).orElseThrow())
                    .collect(Collectors.toSet());

    @Test
    void makesEveryTopicOfTheCatalogueAsTheCatalogueHasItAndNoOther() {
        Map<String, Map<String, String>> made = new HashMap<>();
        for (Manifest topic : Manifest.ofKind("KafkaTopic")) {
            assertThat(topic.content().at("/spec/topicName").asText()).isEqualTo(topic.name());
            assertThat(topic.content().at("/spec/replicas").asInt())
                    .as("%s", topic)
                    .isEqualTo(3);
            Map<String, String> settings = settings(topic.content().at("/spec/config"));
            assertThat(settings.remove("min.insync.replicas")).as("%s", topic).isEqualTo("2");
            made.put(topic.name(), settings);
        }

        assertThat(made)
                .isEqualTo(Arrays.stream(Topic.values()).collect(Collectors.toMap(Topic::topicName, Topic::settings)));
    }

    @Test
    void topicsWhoseOrderCountsHaveOnePartition() {
        assertThat(Manifest.ofKind("KafkaTopic"))
                .filteredOn(topic -> topic.content().at("/spec/partitions").asInt() == 1)
                .extracting(Manifest::name)
                .containsExactlyInAnyOrder("model-versions", "model-artifacts", "alerts");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ADMINISTRATOR")
    void givesEachApplicationTheRightsOfTheAccessTableAndNoOther(Application application) {
        Manifest user = user("penstock-" + application.writtenName());

        assertThat(acls(user))
                .isEqualTo(Access.of(SOURCES).rights(application).stream()
                        .map(KafkaManifestsTest::written)
                        .collect(Collectors.toSet()));
    }

    @Test
    void nobodyElseHasAnAccountButWhoSeesTheLag() {
        Set<String> names = Arrays.stream(Application.values())
                // Topics and rights are Strimzi's to make.
                .filter(application -> application != Application.ADMINISTRATOR)
                .map(application -> "penstock-" + application.writtenName())
                .collect(Collectors.toSet());
        names.add("penstock-lag");

        assertThat(Manifest.ofKind("KafkaUser")).extracting(Manifest::name).containsExactlyInAnyOrderElementsOf(names);
        Set<String> lag = new HashSet<>(Set.of("group literal penstock-ingest DESCRIBE"));
        SOURCES.forEach(topic -> lag.add("topic literal %s DESCRIBE".formatted(topic)));
        assertThat(acls(user("penstock-lag"))).isEqualTo(lag);
    }

    @Test
    void everybodyShowsACertificateToEveryListener() {
        assertThat(Manifest.ofKind("KafkaUser")).allSatisfy(user -> assertThat(
                        user.content().at("/spec/authentication/type").asText())
                .as("%s", user)
                .isEqualTo("tls"));
        JsonNode listeners = Manifest.ofKind("Kafka").get(0).content().at("/spec/kafka/listeners");
        assertThat(listeners).isNotEmpty().allSatisfy(listener -> {
            assertThat(listener.path("tls").asBoolean()).isTrue();
            assertThat(listener.at("/authentication/type").asText()).isEqualTo("tls");
        });
    }

    @Test
    void brokersTakeTheLargestRecordAndTheLongestTransaction() {
        JsonNode config = Manifest.ofKind("Kafka").get(0).content().at("/spec/kafka/config");

        assertThat(config.path("message.max.bytes").asInt()).isGreaterThanOrEqualTo(Topic.LARGEST_RECORD_BYTES);
        assertThat(config.path("replica.fetch.max.bytes").asInt()).isGreaterThanOrEqualTo(Topic.LARGEST_RECORD_BYTES);
        // Inference's lasts fourteen minutes.
        assertThat(config.path("transaction.max.timeout.ms").asInt()).isGreaterThan(14 * 60_000);
    }

    @Test
    void ingestGrowsWithTheLagOfEverySourceTopic() {
        Manifest scaled = Manifest.ofKind("ScaledObject").get(0);

        assertThat(scaled.content().at("/spec/scaleTargetRef/name").asText())
                .isEqualTo(Manifest.ofKind("Deployment").get(0).name());
        assertThat(stream(scaled.content().at("/spec/triggers")))
                .allSatisfy(trigger -> assertThat(
                                trigger.at("/metadata/consumerGroup").asText())
                        .isEqualTo("penstock-ingest"))
                .extracting(trigger -> trigger.at("/metadata/topic").asText())
                .containsExactlyInAnyOrderElementsOf(SOURCES);
    }

    private static Manifest user(String name) {
        return Manifest.ofKind("KafkaUser").stream()
                .filter(user -> user.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no KafkaUser " + name));
    }

    private static Set<String> acls(Manifest user) {
        return stream(user.content().at("/spec/authorization/acls"))
                .flatMap(acl -> stream(acl.path("operations")).map(operation -> "%s %s %s %s"
                        .formatted(
                                acl.at("/resource/type").asText(),
                                acl.at("/resource/patternType").asText("literal"),
                                acl.at("/resource/name").asText("kafka-cluster"),
                                operation
                                        .asText()
                                        .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                                        .toUpperCase(Locale.ROOT))))
                .collect(Collectors.toSet());
    }

    private static String written(Right right) {
        ResourceType type = right.resource().resourceType();
        return "%s %s %s %s"
                .formatted(
                        type == ResourceType.TRANSACTIONAL_ID
                                ? "transactionalId"
                                : type.name().toLowerCase(Locale.ROOT),
                        right.resource().patternType() == PatternType.PREFIXED ? "prefix" : "literal",
                        right.resource().name(),
                        right.operation());
    }

    private static Map<String, String> settings(JsonNode config) {
        Map<String, String> settings = new HashMap<>();
        config.properties()
                .forEach(entry -> settings.put(entry.getKey(), entry.getValue().asText()));
        return settings;
    }

    private static Stream<JsonNode> stream(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false);
    }
}
