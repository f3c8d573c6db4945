package dev.penstock.ingest.producer;

import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import java.time.Instant;
import java.util.Optional;

/**
 * What somebody who can know says about one request, checked as it is made. It may come before the request itself, late,
 * or again: of several reports of one request the highest source counts, and of one source the latest.
 *
 * @param pipeline of the request
 * @param requestId of the request, 1 to 256 characters
 * @param label what it was: one of the labels of the pipeline's model, 1 to 256 characters
 * @param source who can know, the lowest first: {@code SYSTEM}, which is counted but never learned from, {@code HUMAN},
 *     {@code OUTCOME}, {@code APPEAL}
 * @param saidBy the person, team or system; empty if that is nobody's business
 * @param saidAt when it was said; empty for the moment of sending
 * @param certainty how sure the source is, 0 to 1
 */
public record Report(
        String pipeline,
        String requestId,
        String label,
        FeedbackSource source,
        String saidBy,
        Optional<Instant> saidAt,
        double certainty) {
    private static final int LONGEST = 256;

    public Report {
        if (pipeline.isBlank()) {
            throw new IllegalArgumentException("Cannot report without a pipeline: request ids are unique within one");
        }
        requireLength(requestId, "request's id");
        requireLength(label, "label");
        if (source == FeedbackSource.UNKNOWN) {
            throw new IllegalArgumentException(
                    "Cannot report what request '%s' was: nobody knows how far to believe a source of kind UNKNOWN; use SYSTEM, HUMAN, OUTCOME or APPEAL"
                            .formatted(requestId));
        }
        if (saidBy.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "Cannot report what request '%s' was: who says so has %d characters, at most %d are allowed"
                            .formatted(requestId, saidBy.length(), LONGEST));
        }
        if (!(certainty >= 0 && certainty <= 1)) {
            throw new IllegalArgumentException(
                    "Cannot report what request '%s' was: certainty %s is not between 0 and 1"
                            .formatted(requestId, certainty));
        }
    }

    /** By nobody in particular, said now, and certain. */
    public static Report of(String pipeline, String requestId, String label, FeedbackSource source) {
        return new Report(pipeline, requestId, label, source, "", Optional.empty(), 1);
    }

    /** The same, said by a person, team or system, such as {@code chargebacks}. */
    public Report by(String name) {
        return new Report(pipeline, requestId, label, source, name, saidAt, certainty);
    }

    /** The same, said at that time by the source's clock. */
    public Report at(Instant time) {
        return new Report(pipeline, requestId, label, source, saidBy, Optional.of(time), certainty);
    }

    /** The same, but only so sure. */
    public Report withCertainty(double share) {
        return new Report(pipeline, requestId, label, source, saidBy, saidAt, share);
    }

    Feedback toRecord(Instant now) {
        return Feedback.newBuilder()
                .setRequestId(requestId)
                .setPipeline(pipeline)
                .setLabel(label)
                .setSource(source)
                .setSaidBy(saidBy)
                .setSaidAt(saidAt.orElse(now))
                .setCertainty(certainty)
                .build();
    }

    private static void requireLength(String text, String what) {
        if (text.isEmpty() || text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "Cannot report what a request was: the %s has %d characters, expected 1 to %d"
                            .formatted(what, text.length(), LONGEST));
        }
    }

    @Override
    public String toString() {
        return "report that request '%s' for pipeline '%s' was '%s'".formatted(requestId, pipeline, label);
    }
}
