package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.IncompatibleSchemaException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TopicCreatorIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @BeforeEach
    void create() {
        KAFKA.createCatalogue();
    }

    @Test
    void everyTopicIsKeptAsTheCatalogueSays() throws Exception {
        try (Admin admin = KAFKA.admin()) {
            for (Topic topic : Topic.values()) {
                Config config = config(admin, topic);
                topic.settings()
                        .forEach((name, value) -> assertThat(config.get(name).value())
                                .as("%s of %s", name, topic.topicName())
                                .isEqualTo(value));
            }
        }
    }

    @Test
    void whatMustStayInOrderHasOnePartition() throws Exception {
        try (Admin admin = KAFKA.admin()) {
            Map<String, TopicDescription> topics = admin.describeTopics(
                            Arrays.stream(Topic.values()).map(Topic::topicName).toList())
                    .allTopicNames()
                    .get();

            assertThat(topics.get("model-versions").partitions()).hasSize(1);
            assertThat(topics.get("model-artifacts").partitions()).hasSize(1);
            assertThat(topics.get("requests.text").partitions()).hasSize(4);
            assertThat(topics.get("predictions").partitions()).hasSize(4);
        }
    }

    @Test
    void theRegistryHasEverySchemaAndRefusesABreakOfIt() throws Exception {
        for (Topic topic : Topic.values()) {
            if (topic.schema().isEmpty()) {
                continue;
            }
            assertThat(call("/subjects/" + topic.subject() + "/versions")).isEqualTo("[1]");
            assertThat(call("/config/" + topic.subject())).contains("FULL_TRANSITIVE");
        }
        Schema prediction = Topic.PREDICTIONS.schema().orElseThrow();
        Schema broken = SchemaBuilder.record(prediction.getName())
                .namespace(prediction.getNamespace())
                .fields()
                .requiredString("verdict")
                .endRecord();

        assertThatThrownBy(() -> KAFKA.registry().register(Topic.PREDICTIONS.subject(), broken))
                .isInstanceOf(IncompatibleSchemaException.class)
                .hasMessageContaining("verdict");
    }

    @Test
    void whatExistsIsLeftAsItIs() throws Exception {
        try (Admin admin = KAFKA.admin()) {
            ConfigResource alerts = new ConfigResource(ConfigResource.Type.TOPIC, "alerts");
            setRetention(admin, alerts, "12345000");

            KAFKA.createCatalogue();

            assertThat(config(admin, Topic.ALERTS).get("retention.ms").value()).isEqualTo("12345000");
            setRetention(admin, alerts, Topic.ALERTS.settings().get("retention.ms"));
        }
    }

    private static void setRetention(Admin admin, ConfigResource topic, String value) throws Exception {
        AlterConfigOp change = new AlterConfigOp(new ConfigEntry("retention.ms", value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
    }

    private static Config config(Admin admin, Topic topic) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
        return admin.describeConfigs(List.of(resource)).all().get().get(resource);
    }

    private static String call(String path) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(KAFKA.registryUrl() + path)).build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }
}
