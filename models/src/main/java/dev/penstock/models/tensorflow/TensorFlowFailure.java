package dev.penstock.models.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_GetCode;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_Message;

import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.BytePointer;
import org.tensorflow.internal.c_api.TF_Status;

/** TensorFlow said no; the message is all that it said. */
final class TensorFlowFailure extends RuntimeException {
    private static final int OK = 0;

    private TensorFlowFailure(String message) {
        super(message);
    }

    /** @throws TensorFlowFailure if it is not */
    static void requireOk(TF_Status status) {
        if (TF_GetCode(status) != OK) {
            BytePointer message = TF_Message(status);
            throw new TensorFlowFailure(new String(message.getStringBytes(), StandardCharsets.UTF_8));
        }
    }

    /** In one line, for a message of Penstock's. */
    String words() {
        return TensorFlowWords.shortened(getMessage());
    }
}
