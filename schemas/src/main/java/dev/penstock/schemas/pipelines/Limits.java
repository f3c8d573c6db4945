package dev.penstock.schemas.pipelines;

import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.Checks;
import java.util.Optional;

/**
 * The largest event that a pipeline takes.
 *
 * @param payloadBytes of the encoded file, of the UTF-8 text or of all features; empty for what the topic takes
 */
public record Limits(Optional<ByteSize> payloadBytes) {
    public Limits {
        new Checks()
                .require(
                        payloadBytes.isEmpty() || payloadBytes.get().bytes() > 0,
                        "payload-bytes",
                        "nothing would fit in 0 bytes")
                .refuse("limits");
    }
}
