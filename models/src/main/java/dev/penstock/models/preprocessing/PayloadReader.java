package dev.penstock.models.preprocessing;

import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one kind of payload for all inputs of one model, decoding it once. */
interface PayloadReader {
    /** One value an input, in the order of the card. */
    List<Value> read(Object payload) throws UnusablePayloadException;

    /** What a payload is called that a decoder fails on for reasons of its own. */
    DeadLetterCode invalid();

    /** @throws UnusablePayloadException if the payload is of another type */
    static <T> T expect(Class<T> type, Object payload) throws UnusablePayloadException {
        if (!type.isInstance(payload)) {
            throw new UnusablePayloadException(
                    DeadLetterCode.WRONG_PAYLOAD,
                    "Cannot read %s: the model reads %s"
                            .formatted(
                                    payload == null
                                            ? "nothing"
                                            : payload.getClass().getSimpleName(),
                                    type.getSimpleName()));
        }
        return type.cast(payload);
    }

    /** The bytes themselves where the buffer holds nothing else, so that large files are not copied. */
    static byte[] bytes(@Nullable ByteBuffer content, long limit) throws UnusablePayloadException {
        if (content == null || !content.hasRemaining()) {
            throw new UnusablePayloadException(DeadLetterCode.EMPTY_PAYLOAD, "Cannot read payload: it has no bytes");
        }
        checkLength(content.remaining(), limit);
        if (content.hasArray()
                && content.arrayOffset() == 0
                && content.position() == 0
                && content.array().length == content.remaining()) {
            return content.array();
        }
        byte[] bytes = new byte[content.remaining()];
        content.duplicate().get(bytes);
        return bytes;
    }

    static void checkLength(long bytes, long limit) throws UnusablePayloadException {
        if (bytes > limit) {
            throw new UnusablePayloadException(
                    DeadLetterCode.PAYLOAD_TOO_LARGE,
                    "Cannot read payload: it has %d bytes, allowed are %d".formatted(bytes, limit));
        }
    }
}
