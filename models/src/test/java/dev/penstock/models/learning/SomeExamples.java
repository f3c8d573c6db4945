package dev.penstock.models.learning;

import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.TextPayload;
import java.time.Instant;
import java.util.Map;

/** Labelled requests. */
final class SomeExamples {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private SomeExamples() {}

    static LabelledExample.Builder example(String requestId, String label) {
        return LabelledExample.newBuilder()
                .setRequestId(requestId)
                .setPipeline("spam")
                .setModel("spam")
                .setEntityId("customer-7")
                .setEventTime(NOON)
                .setPayload(new TextPayload("text of " + requestId))
                .setAttributes(Map.of("country", "FR"))
                .setLabel(label)
                .setSource(FeedbackSource.HUMAN)
                .setSaidBy("ada")
                .setSaidAt(NOON)
                .setLabelledAt(NOON);
    }
}
