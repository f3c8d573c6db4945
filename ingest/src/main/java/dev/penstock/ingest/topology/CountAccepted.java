package dev.penstock.ingest.topology;

import dev.penstock.ingest.topology.Ingested.Candidate;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Counts requests on their way out, where nothing else looks at them. */
final class CountAccepted implements Processor<byte[], Ingested, byte[], Candidate> {
    private final IngestCounters counters;
    private ProcessorContext<byte[], Candidate> context;
    private Outcomes outcomes;

    CountAccepted(IngestCounters counters) {
        this.counters = counters;
    }

    @Override
    public void init(ProcessorContext<byte[], Candidate> context) {
        this.context = context;
        this.outcomes = new Outcomes(counters, context.metrics());
    }

    @Override
    public void process(Record<byte[], Ingested> record) {
        Candidate candidate = (Candidate) record.value();
        outcomes.accepted(candidate.pipeline());
        context.forward(record.withValue(candidate));
    }
}
