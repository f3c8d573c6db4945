package dev.penstock.inference;

import static java.util.stream.Collectors.toSet;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.features.RollingFeatures;
import dev.penstock.inference.scoring.ScoreRequests;
import dev.penstock.inference.scoring.ScoreRequestsFactory;
import dev.penstock.schemas.Modality;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * The whole graph: for each modality its requests, scored with the announced versions, and a sink for every outcome.
 * Requests of a pipeline with rolling features pass by its keys first, and are scored where they come out. It knows no
 * broker.
 */
public final class InferenceJob {
    private final List<PipelineBinding> pipelines;
    private final Delivery delivery;
    private final Scoring scoring;
    private final Outcomes outcomes;

    /**
     * @param pipelines all there are
     * @param delivery of what belongs to no pipeline
     */
    InferenceJob(List<PipelineBinding> pipelines, Delivery delivery, Scoring scoring, Outcomes outcomes) {
        this.pipelines = List.copyOf(pipelines);
        this.delivery = delivery;
        this.scoring = scoring;
        this.outcomes = outcomes;
    }

    /** Settings of a scoring operator. */
    public interface Scoring {
        /** @param scored names of the pipelines whose requests it gets */
        ScoreRequests.Settings of(Modality modality, Set<String> scored);
    }

    /** Where outcomes go. */
    public interface Outcomes {
        /** @param writer a name that no other sink of the job has */
        Sink<OutputRecord> of(String writer, Delivery delivery);
    }

    /**
     * @param requests one stream for each modality that a pipeline has
     * @param feedback asked for if a pipeline has features that read it
     */
    void define(
            Map<Modality, DataStream<InputRecord>> requests,
            Supplier<DataStream<InputRecord>> feedback,
            RegistryConnection registry) {
        List<Modality> modalities = requests.keySet().stream().sorted().toList();
        for (Modality modality : modalities) {
            List<PipelineBinding> own = pipelines.stream()
                    .filter(pipeline -> pipeline.modality() == modality)
                    .toList();
            List<PipelineBinding> direct = own.stream()
                    .filter(pipeline -> pipeline.rolling().isEmpty())
                    .toList();
            String name = modality.name().toLowerCase(Locale.ROOT);
            if (direct.size() == own.size()) {
                score(name, modality, direct, requests.get(modality));
                continue;
            }
            RollingFeatures features = RollingFeatures.define(requests.get(modality), feedback, own, registry);
            // Also where no pipeline is left for it: it says what is wrong with records that cannot be read.
            score(name, modality, direct, features.direct());
            features.enriched()
                    .forEach((pipeline, enriched) ->
                            score(name + "-" + pipeline.pipeline(), modality, List.of(pipeline), enriched));
            features.deadLetters().forEach(letters -> write("feedback", letters, delivery));
        }
    }

    private void score(String name, Modality modality, List<PipelineBinding> scored, DataStream<InputRecord> requests) {
        ScoreRequests.Settings settings = scoring.of(
                modality, scored.stream().map(PipelineBinding::pipeline).collect(toSet()));
        SingleOutputStreamOperator<OutputRecord> results = requests.transform(
                        "score-" + name, TypeInformation.of(OutputRecord.class), new ScoreRequestsFactory(settings))
                .uid("score-" + name);
        Set<Delivery> deliveries = EnumSet.of(settings.delivery());
        scored.forEach(pipeline -> deliveries.add(pipeline.delivery()));
        for (Delivery delivery : deliveries) {
            boolean isTransactional = delivery == Delivery.EXACTLY_ONCE;
            write(name, isTransactional ? results.getSideOutput(ScoreRequests.EXACTLY_ONCE) : results, delivery);
        }
    }

    private void write(String writer, DataStream<OutputRecord> written, Delivery delivery) {
        String name = "write-" + writer + (delivery == Delivery.EXACTLY_ONCE ? "-exactly-once" : "");
        written.sinkTo(outcomes.of(writer, delivery)).name(name).uid(name);
    }
}
