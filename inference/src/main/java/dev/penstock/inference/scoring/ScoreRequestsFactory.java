package dev.penstock.inference.scoring;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link ScoreRequests} where it runs, with the task's mailbox. */
public final class ScoreRequestsFactory extends AbstractStreamOperatorFactory<OutputRecord>
        implements OneInputStreamOperatorFactory<InputRecord, OutputRecord> {
    private final ScoreRequests.Settings settings;

    public ScoreRequestsFactory(ScoreRequests.Settings settings) {
        this.settings = settings;
        // In one task with the source of its requests: nothing is copied on the way.
        setChainingStrategy(ChainingStrategy.ALWAYS);
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"
    }) // The interface asks for any T; this can be one only.
    public <T extends StreamOperator<OutputRecord>> T createStreamOperator(
            StreamOperatorParameters<OutputRecord> parameters) {
        return (T) new ScoreRequests(parameters, settings);
    }

    @Override
    @SuppressWarnings("rawtypes") // As in the interface.
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return ScoreRequests.class;
    }
}
