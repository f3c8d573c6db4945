package dev.penstock.schemas.wire;

import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** The registry could not be asked: infrastructure is broken, not the record. */
public final class RegistryUnavailableException extends KafkaException {
    RegistryUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
