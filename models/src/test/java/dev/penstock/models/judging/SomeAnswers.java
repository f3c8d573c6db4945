package dev.penstock.models.judging;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.Verdict;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.TextPayload;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers of a binary model, written down by hand. */
final class SomeAnswers {
    static final ModelCard CARD = ModelCardReader.read("""
            card-version: 1
            name: spam
            version: 2
            task: binary
            modality: text
            labels: [ham, spam]
            inputs:
              text: text
            outputs:
              spam: probabilities
            """);
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final List<Answer> answers = new ArrayList<>();

    /** @param score for spam */
    SomeAnswers add(int count, String label, double score) {
        return add(count, label, score, "FR", "ada");
    }

    SomeAnswers add(int count, String label, double score, String country, String saidBy) {
        for (int index = 0; index < count; index++) {
            LabelledExample example = LabelledExample.newBuilder(
                            example("request-" + answers.size(), label, country, saidBy))
                    .setSource(saidBy.equals("silence") ? FeedbackSource.SILENCE : FeedbackSource.HUMAN)
                    .build();
            LabelledScores scores = new LabelledScores(CARD.labels(), new float[] {(float) (1 - score), (float) score});
            answers.add(new Answer(
                    example,
                    CARD.labels().indexOf(label),
                    Optional.of(scores),
                    Optional.of(Verdict.of(scores, CARD.task(), CARD.decision()))));
        }
        return this;
    }

    SomeAnswers addUnscored(int count, String label) {
        for (int index = 0; index < count; index++) {
            LabelledExample example = example("request-" + answers.size(), label, "FR", "ada");
            answers.add(new Answer(example, CARD.labels().indexOf(label), Optional.empty(), Optional.empty()));
        }
        return this;
    }

    static LabelledExample example(String requestId, String text) {
        return LabelledExample.newBuilder(example(requestId, "spam", "FR", "ada"))
                .setPayload(new TextPayload(text))
                .build();
    }

    private static LabelledExample example(String requestId, String label, String country, String saidBy) {
        return LabelledExample.newBuilder()
                .setRequestId(requestId)
                .setPipeline("spam")
                .setModel("spam")
                .setEntityId("customer-7")
                .setEventTime(NOON)
                .setPayload(new TextPayload("win a prize now"))
                .setAttributes(Map.of("country", country))
                .setLabel(label)
                .setSource(FeedbackSource.HUMAN)
                .setSaidBy(saidBy)
                .setSaidAt(NOON)
                .setLabelledAt(NOON)
                .build();
    }

    Answers all() {
        return new Answers(CARD, answers);
    }
}
