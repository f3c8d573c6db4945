package dev.penstock.retrain.runs;

import dev.penstock.flink.records.OutputRecord;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link TrainModels} where it runs, with the task's mailbox. */
public final class TrainModelsFactory extends AbstractStreamOperatorFactory<OutputRecord>
        implements OneInputStreamOperatorFactory<TrainingOrder, OutputRecord> {
    private final TrainModels.Settings settings;

    public TrainModelsFactory(TrainModels.Settings settings) {
        this.settings = settings;
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"
    }) // The interface asks for any T; this can be one only.
    public <T extends StreamOperator<OutputRecord>> T createStreamOperator(
            StreamOperatorParameters<OutputRecord> parameters) {
        return (T) new TrainModels(parameters, settings);
    }

    @Override
    @SuppressWarnings("rawtypes") // As in the interface.
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return TrainModels.class;
    }
}
