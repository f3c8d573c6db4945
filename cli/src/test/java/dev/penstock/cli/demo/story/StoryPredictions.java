package dev.penstock.cli.demo.story;

import dev.penstock.cli.demo.events.DemoEvent;
import dev.penstock.cli.demo.events.Mailing;
import dev.penstock.cli.demo.events.RunNumber;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Timing;
import dev.penstock.schemas.Variant;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Mails whose truth is known, and what versions decided about them. */
final class StoryPredictions {
    static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final List<DemoEvent> events;

    StoryPredictions(int count) {
        events = new Mailing(RunNumber.only()).good(count, NOON, 1);
    }

    Truth truth() {
        return Truth.of(Map.of("spam", events));
    }

    String label(int index) {
        return events.get(index).label().orElseThrow();
    }

    String wrong(int index) {
        return label(index).equals("spam") ? "ham" : "spam";
    }

    Prediction right(int index, int version) {
        return decided(index, version, label(index), Variant.CHAMPION);
    }

    Prediction decided(int index, int version, String label, Variant variant) {
        return Prediction.newBuilder()
                .setPredictionId("%d-%d-%s".formatted(index, version, variant))
                .setRequestId(events.get(index).id())
                .setPipeline("spam")
                .setEntityId("mailbox")
                .setEventTime(NOON)
                .setOrigin(new Origin("mail.received", 0, (long) index))
                .setAttributes(Map.of("country", index % 4 == 0 ? "ie" : "us"))
                .setModel("spam")
                .setModelVersion(version)
                .setBundleDigest("0".repeat(64))
                .setVariant(variant)
                .setOutcome(new Decision(label, 0.9, List.of(label)))
                .setScores(Map.of())
                .setThreshold(0.5)
                .setPolicyVersion(1)
                .setTiming(new Timing(NOON, NOON, NOON, 1L, 1L, 1))
                .build();
    }
}
