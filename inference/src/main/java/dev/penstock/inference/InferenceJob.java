package dev.penstock.inference;

import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.records.InputRecord;
import dev.penstock.inference.records.OutputRecord;
import dev.penstock.inference.scoring.ScoreRequests;
import dev.penstock.inference.scoring.ScoreRequestsFactory;
import dev.penstock.schemas.Modality;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * The whole graph: for each modality its requests, scored with the announced versions, and a sink for every outcome.
 * It knows no broker.
 */
public final class InferenceJob {
    private InferenceJob() {}

    /** Where outcomes go. */
    public interface Outcomes {
        Sink<OutputRecord> of(Modality modality, Delivery delivery);
    }

    /**
     * @param requests one stream for each modality that a pipeline has
     * @param settings of the operator for a modality
     */
    public static void define(
            Map<Modality, DataStream<InputRecord>> requests,
            Function<Modality, ScoreRequests.Settings> settings,
            Outcomes outcomes) {
        List<Modality> modalities = requests.keySet().stream().sorted().toList();
        for (Modality modality : modalities) {
            String name = modality.name().toLowerCase(Locale.ROOT);
            SingleOutputStreamOperator<OutputRecord> scored = requests.get(modality)
                    .transform(
                            "score-" + name,
                            TypeInformation.of(OutputRecord.class),
                            new ScoreRequestsFactory(settings.apply(modality)))
                    .uid("score-" + name);
            for (Delivery delivery : deliveries(settings.apply(modality))) {
                boolean isTransactional = delivery == Delivery.EXACTLY_ONCE;
                String write = "write-" + name + (isTransactional ? "-exactly-once" : "");
                DataStream<OutputRecord> written =
                        isTransactional ? scored.getSideOutput(ScoreRequests.EXACTLY_ONCE) : scored;
                written.sinkTo(outcomes.of(modality, delivery)).name(write).uid(write);
            }
        }
    }

    private static Set<Delivery> deliveries(ScoreRequests.Settings settings) {
        Set<Delivery> deliveries = EnumSet.of(settings.delivery());
        settings.pipelines().stream()
                .filter(pipeline -> pipeline.modality() == settings.modality())
                .forEach(pipeline -> deliveries.add(pipeline.delivery()));
        return deliveries;
    }
}
