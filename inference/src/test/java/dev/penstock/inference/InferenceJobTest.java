package dev.penstock.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.pipelines.Pipelines;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

class InferenceJobTest {
    /** Saved state is found by these names: renaming one loses it. */
    @Test
    void everyOperatorHasTheNameThatItsStateIsKeptUnder() {
        StreamGraph graph = graph("""
                pipelines:
                  spam: {modality: text, model: spam}
                  moderation: {modality: text, model: toxicity}
                  digits: {modality: image, model: digits}
                """);

        assertThat(graph.getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .containsExactlyInAnyOrder(
                        "read-image",
                        "read-text",
                        "score-image",
                        "score-text",
                        "write-image",
                        "Sink Committer: write-image",
                        "write-text",
                        "Sink Committer: write-text");
    }

    @Test
    void requestsThatLookBackPassByTheirKeysAndAreScoredWhereTheyComeOut() {
        StreamGraph graph = graph("""
                pipelines:
                  risk: {modality: record, model: risk}
                  fraud:
                    modality: record
                    model: fraud
                    rolling:
                      card: {key: entity, features: {count: {count: P1D}}}
                      terminal: {key: category.terminal, features: {share: {label-share: {label: fraud, window: P1D}}}}
                """);

        assertThat(graph.getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .filteredOn(uid -> !uid.startsWith("Sink Committer"))
                .containsExactlyInAnyOrder(
                        "read-record",
                        "route-record",
                        "score-record",
                        "write-record",
                        "read-feedback",
                        "decode-feedback",
                        "write-feedback",
                        "remember-fraud",
                        "feedback-fraud",
                        "join-feedback-fraud",
                        "labels-fraud-terminal",
                        "rolling-fraud-card",
                        "rolling-fraud-terminal",
                        "enriched-fraud",
                        "score-record-fraud",
                        "write-record-fraud");
        assertThat(graph.getJobGraph().getVertices())
                .extracting(JobVertex::getName)
                .anyMatch(name ->
                        name.contains("read-record") && name.contains("score-record") && name.contains("write-record"))
                .anyMatch(name -> name.contains("rolling-fraud-terminal")
                        && name.contains("score-record-fraud")
                        && name.contains("write-record-fraud"));
    }

    @Test
    void feedbackIsReadOnlyWhereAFeatureNeedsIt() {
        StreamGraph graph = graph("""
                pipelines:
                  fraud:
                    modality: record
                    model: fraud
                    rolling: {card: {key: entity, features: {count: {count: P1D}}}}
                """);

        assertThat(graph.getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .contains("rolling-fraud-card")
                .doesNotContain("read-feedback");
    }

    @Test
    void everyModalityIsServedThatAPipelineHas() {
        StreamGraph graph = graph("""
                pipelines:
                  spam: {modality: text, model: spam}
                  digits: {modality: image, model: digits}
                  language: {modality: audio, model: language}
                  fraud: {modality: record, model: fraud}
                """);

        assertThat(graph.getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .contains("score-image", "score-text", "score-audio", "score-record");
    }

    /** Both are errors when the graph is translated: a silent fallback to Kryo, and a name that Flink makes up. */
    @Test
    void nothingIsLeftToChance() {
        Configuration settings = Inference.flinkSettings(config(""));
        assertThat(settings.get(PipelineOptions.GENERIC_TYPES)).isFalse();
        assertThat(settings.get(PipelineOptions.AUTO_GENERATE_UIDS)).isFalse();

        StreamGraph graph = graph("pipelines: {spam: {modality: text, model: spam}}");

        assertThat(List.copyOf(graph.getStreamNodes()))
                .allSatisfy(node -> assertThat(node.getTransformationUID()).isNotEmpty());
    }

    /** A request that went from one task to another would be copied, and wait for its buffer, on the way. */
    @Test
    void requestsAreReadScoredAndAnsweredInOneTask() {
        StreamGraph graph = graph("pipelines: {spam: {modality: text, model: spam}}");

        assertThat(graph.getJobGraph().getVertices())
                .extracting(JobVertex::getName)
                .hasSize(1)
                .allMatch(name ->
                        name.contains("read-text") && name.contains("score-text") && name.contains("write-text"));
    }

    @Test
    void aModalityIsWrittenInTransactionsOnlyWhereAPipelineAsksForIt() {
        StreamGraph graph = graph("""
                pipelines:
                  spam: {modality: text, model: spam}
                  fraud: {modality: record, model: fraud}
                """, "pipelines: {fraud: {delivery: exactly-once}}\n");

        assertThat(graph.getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .contains("write-text", "write-record", "write-record-exactly-once")
                .doesNotContain("write-text-exactly-once");
    }

    private static StreamGraph graph(String pipelines) {
        return graph(pipelines, "");
    }

    private static StreamGraph graph(String pipelines, String furtherSettings) {
        InferenceConfig config = config(furtherSettings);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(Inference.flinkSettings(config));
        Inference.define(
                environment, config, ConfigurationFile.parse("pipelines.yaml", pipelines, Pipelines.class, Map.of()));
        return environment.getStreamGraph();
    }

    private static InferenceConfig config(String furtherSettings) {
        return ConfigurationFile.parse("inference.yaml", """
                brokers: localhost:9092
                registry: {url: "http://localhost:8081"}
                checkpoints: {directory: "file:///tmp/checkpoints"}
                models: {cache: /tmp/bundles, trust: {anybody: {}}}
                """ + furtherSettings, InferenceConfig.class, Map.of());
    }
}
