package dev.penstock.rollout.joining;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.rollout.drift.WatchedValues;
import dev.penstock.rollout.records.ReadRecords;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Decodes predictions by models that pipelines ask. What a champion saw goes to {@link #WATCHED} as well. */
public final class ReadAnswers extends ReadRecords<Prediction, GivenAnswer> {
    public static final OutputTag<WatchedValues> WATCHED =
            new OutputTag<>("watched-values", TypeInformation.of(WatchedValues.class));

    private final Set<String> pipelines;
    private final Set<String> models;

    /**
     * @param pipelines names of all there are
     * @param models that they ask
     */
    public ReadAnswers(Set<String> pipelines, Set<String> models, RegistryConnection registry) {
        super(Prediction.class, registry);
        this.pipelines = Set.copyOf(pipelines);
        this.models = Set.copyOf(models);
    }

    @Override
    protected void read(InputRecord record, Prediction prediction, Context context, Collector<GivenAnswer> out)
            throws UnusableException {
        if (!pipelines.contains(prediction.getPipeline()) || !models.contains(prediction.getModel())) {
            leaveOutUnknownModel();
            return;
        }
        GivenAnswer answer;
        try {
            answer = GivenAnswer.of(prediction);
        } catch (IllegalArgumentException e) {
            throw new UnusableException(DeadLetterCode.MALFORMED_RECORD, String.valueOf(e.getMessage()));
        }
        out.collect(answer);
        // The control is a part of the champion's traffic, chosen by chance.
        if (answer.variant() == Variant.CHAMPION || answer.variant() == Variant.CONTROL) {
            context.output(WATCHED, WatchedValues.of(prediction));
        }
    }
}
