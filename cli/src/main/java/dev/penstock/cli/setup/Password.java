package dev.penstock.cli.setup;

import java.security.SecureRandom;
import java.util.Base64;

/** Passwords that nobody has to remember. */
final class Password {
    private static final int RANDOM_BYTES = 24;

    private Password() {}

    /** Letters, digits, '-' and '_': no file or header needs to quote it. 192 bits. */
    static String random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
