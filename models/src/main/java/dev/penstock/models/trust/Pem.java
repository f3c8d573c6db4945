package dev.penstock.models.trust;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** One key in a text file, as OpenSSL writes them too (RFC 7468). */
final class Pem {
    private static final long LARGEST = 4_096;
    private static final int LINE = 64;

    private Pem() {}

    static String write(String kind, byte[] der) {
        String body = Base64.getMimeEncoder(LINE, "\n".getBytes(US_ASCII)).encodeToString(der);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, body, kind);
    }

    /**
     * @return DER
     * @throws IllegalArgumentException if the file holds no such key; nothing of it is in the message
     */
    static byte[] read(String kind, Path file) throws IOException {
        String text = Files.size(file) > LARGEST ? "" : Files.readString(file, US_ASCII);
        String begin = "-----BEGIN %s-----".formatted(kind);
        String end = "-----END %s-----".formatted(kind);
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from >= 0 && to > from) {
            try {
                return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(noKey(kind, file), e);
            }
        }
        throw new IllegalArgumentException(noKey(kind, file));
    }

    private static String noKey(String kind, Path file) {
        return "Cannot read a key from %s: it is no PEM file with a %s; 'penstock keys generate' writes one"
                .formatted(file, kind);
    }
}
