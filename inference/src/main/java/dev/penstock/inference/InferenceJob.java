package dev.penstock.inference;

import dev.penstock.inference.records.InputRecord;
import dev.penstock.inference.records.OutputRecord;
import dev.penstock.inference.scoring.ScoreRequests;
import dev.penstock.inference.scoring.ScoreRequestsFactory;
import dev.penstock.schemas.Modality;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

    /**
     * @param requests one stream for each modality that a pipeline has
     * @param versions every announcement in {@code model-versions}, in order
     * @param settings of the operator for a modality
     */
    public static void define(
            Map<Modality, DataStream<InputRecord>> requests,
            DataStream<InputRecord> versions,
            Function<Modality, ScoreRequests.Settings> settings,
            Function<Modality, Sink<OutputRecord>> outcomes) {
        List<Modality> modalities = requests.keySet().stream().sorted().toList();
        for (Modality modality : modalities) {
            String name = modality.name().toLowerCase(Locale.ROOT);
            SingleOutputStreamOperator<OutputRecord> scored = requests.get(modality)
                    .connect(versions.broadcast())
                    .transform(
                            "score-" + name,
                            TypeInformation.of(OutputRecord.class),
                            new ScoreRequestsFactory(settings.apply(modality)))
                    .uid("score-" + name);
            scored.sinkTo(outcomes.apply(modality)).name("write-" + name).uid("write-" + name);
        }
    }
}
