package dev.penstock.ingest.producer;

/** A request or a report may not have reached the brokers; sending it again with the same id does no harm. */
public final class NotSentException extends RuntimeException {
    NotSentException(String message, Throwable cause) {
        super(message, cause);
    }
}
