package dev.penstock.deploy.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * What the owners of each kind of manifest publish of it: classes of Kubernetes and Strimzi, which are read into with
 * every unknown key being a mistake, and the definition of a FlinkDeployment, which is held to be complete.
 */
final class PublishedSchemas {
    /** By API version and kind; by name, since a compiler would want the annotations that they were made with. */
    private static final Map<String, String> CLASSES = Map.ofEntries(
            Map.entry("v1 Namespace", "io.fabric8.kubernetes.api.model.Namespace"),
            Map.entry("v1 ServiceAccount", "io.fabric8.kubernetes.api.model.ServiceAccount"),
            Map.entry("rbac.authorization.k8s.io/v1 Role", "io.fabric8.kubernetes.api.model.rbac.Role"),
            Map.entry("rbac.authorization.k8s.io/v1 RoleBinding", "io.fabric8.kubernetes.api.model.rbac.RoleBinding"),
            Map.entry("apps/v1 Deployment", "io.fabric8.kubernetes.api.model.apps.Deployment"),
            Map.entry("policy/v1 PodDisruptionBudget", "io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget"),
            Map.entry(
                    "networking.k8s.io/v1 NetworkPolicy",
                    "io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy"),
            Map.entry("kafka.strimzi.io/v1 Kafka", "io.strimzi.api.kafka.model.kafka.Kafka"),
            Map.entry("kafka.strimzi.io/v1 KafkaNodePool", "io.strimzi.api.kafka.model.nodepool.KafkaNodePool"),
            Map.entry("kafka.strimzi.io/v1 KafkaTopic", "io.strimzi.api.kafka.model.topic.KafkaTopic"),
            Map.entry("kafka.strimzi.io/v1 KafkaUser", "io.strimzi.api.kafka.model.user.KafkaUser"));

    private static final String FLINK_DEPLOYMENT = "flink.apache.org/v1beta1 FlinkDeployment";
    private static final String DEFINITION = "/META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";

    private final ObjectMapper strict = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new NothingElse())
            .build();
    private final Schema flinkDeployment;

    /** The classes keep, or pass over, what they do not know: their authors must read what is newer than they are. */
    private static final class NothingElse extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return false;
        }

        @Override
        public JsonIgnoreProperties.Value findPropertyIgnoralByName(MapperConfig<?> config, Annotated annotated) {
            return JsonIgnoreProperties.Value.empty();
        }
    }

    PublishedSchemas() {
        JsonNode definition = definition();
        JsonNode schema = definition
                .path("spec")
                .path("versions")
                .path(0)
                .path("schema")
                .path("openAPIV3Schema")
                .path("properties")
                .path("spec");
        // Later operators know later versions of Flink; it is the one difference between them that is used here.
        ((ObjectNode) schema.path("properties").path("flinkVersion")).remove("enum");
        close(schema);
        flinkDeployment =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(schema);
    }

    /** Kinds that nobody publishes where the build can reach it. */
    static boolean knows(Manifest manifest) {
        return CLASSES.containsKey(key(manifest)) || key(manifest).equals(FLINK_DEPLOYMENT);
    }

    /** What is wrong with it, in words; nothing where all is well. */
    List<String> mistakes(Manifest manifest) {
        if (key(manifest).equals(FLINK_DEPLOYMENT)) {
            return flinkDeployment.validate(manifest.content().path("spec")).stream()
                    .map(Object::toString)
                    .toList();
        }
        String type = CLASSES.get(key(manifest));
        if (type == null) {
            return List.of("nobody publishes a schema of " + key(manifest));
        }
        try {
            strict.treeToValue(manifest.content(), Class.forName(type));
            return List.of();
        } catch (JsonProcessingException e) {
            return List.of(Objects.requireNonNull(e.getMessage()));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("Cannot check %s: %s".formatted(manifest, e.getMessage()), e);
        }
    }

    private static String key(Manifest manifest) {
        return manifest.apiVersion() + " " + manifest.kind();
    }

    private static JsonNode definition() {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(16 * 1024 * 1024);
        try (InputStream definition = PublishedSchemas.class.getResourceAsStream(DEFINITION)) {
            Object read = new Yaml(options).load(Objects.requireNonNull(definition, DEFINITION));
            return new ObjectMapper().valueToTree(read);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kubernetes drops keys that a definition does not name, without a word; here they are mistakes. */
    private static void close(JsonNode schema) {
        if (schema instanceof ObjectNode object
                && object.path("properties").isObject()
                && !object.path("x-kubernetes-preserve-unknown-fields").asBoolean()
                && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        schema.forEach(PublishedSchemas::close);
    }
}
