package dev.penstock.cli.watching;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/** How bytes that are not text are written. */
public enum BytesShown {
    /** Their number and their SHA-256: enough to tell two images apart. */
    SHORTENED {
        @Override
        ObjectNode of(ByteBuffer bytes) {
            ObjectNode shown = counted(bytes);
            return shown.put("sha256", HexFormat.of().formatHex(sha256(bytes)));
        }
    },
    /** All of them, in Base64. */
    FULL {
        @Override
        ObjectNode of(ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return counted(bytes).put("base64", Base64.getEncoder().encodeToString(copy));
        }
    };

    /** @param bytes left as they are */
    abstract ObjectNode of(ByteBuffer bytes);

    private static ObjectNode counted(ByteBuffer bytes) {
        return JsonNodeFactory.instance.objectNode().put("bytes", bytes.remaining());
    }

    private static byte[] sha256(ByteBuffer bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes.duplicate());
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Cannot shorten bytes: this Java has no SHA-256", e);
        }
    }
}
