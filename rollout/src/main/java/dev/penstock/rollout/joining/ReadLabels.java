package dev.penstock.rollout.joining;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.rollout.records.ReadRecords;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.Collector;

/** Decodes feedback, and leaves out what systems say and what is about pipelines that there are not. */
public final class ReadLabels extends ReadRecords<Feedback, GivenLabel> {
    private final Set<String> pipelines;
    private transient Counter fromSystems;
    private transient Counter ofUnknownPipelines;

    /** @param pipelines names of all there are */
    public ReadLabels(Set<String> pipelines, RegistryConnection registry) {
        super(Feedback.class, registry);
        this.pipelines = Set.copyOf(pipelines);
    }

    @Override
    public void open(OpenContext context) throws Exception {
        super.open(context);
        fromSystems = getRuntimeContext().getMetricGroup().counter("system-labels");
        ofUnknownPipelines = getRuntimeContext().getMetricGroup().counter("unknown-pipeline-labels");
    }

    @Override
    protected void read(InputRecord record, Feedback feedback, Context context, Collector<GivenLabel> out)
            throws UnusableException {
        if (feedback.getRequestId().isEmpty() || feedback.getLabel().isEmpty()) {
            throw new UnusableException(
                    DeadLetterCode.INVALID_ID,
                    "Cannot use feedback whose %s is empty; say what it is about and what that is"
                            .formatted(feedback.getLabel().isEmpty() ? "label" : "requestId"));
        }
        double certainty = feedback.getCertainty();
        if (!(certainty >= 0 && certainty <= 1)) {
            throw new UnusableException(
                    DeadLetterCode.MALFORMED_RECORD,
                    "Cannot use feedback with certainty %s; it is between 0 and 1".formatted(certainty));
        }
        // Of silence nobody can speak.
        if (!RolloutPlan.Maturity.counts(feedback.getSource()) || feedback.getSource() == FeedbackSource.SILENCE) {
            fromSystems.inc();
        } else if (!pipelines.contains(feedback.getPipeline())) {
            ofUnknownPipelines.inc();
        } else {
            out.collect(GivenLabel.of(feedback));
        }
    }
}
