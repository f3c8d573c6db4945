package dev.penstock.data;

import java.util.HexFormat;

/**
 * One handwritten digit.
 *
 * @param id unique among the digits; it does not tell the label
 * @param label one of {@link Digits#LABELS}
 * @param source where the digit stands in the package it comes from: its label, and its position under that label
 * @param png 28 by 28 pixels, 8-bit greyscale, light ink (255) on a dark ground (0)
 */
public record Digit(String id, String label, String source, Bytes png) {
    private static final Bytes SIGNATURE = Bytes.copyOf(HexFormat.of().parseHex("89504e470d0a1a0a"));

    public Digit {
        if (!Digits.LABELS.contains(label)) {
            throw new IllegalArgumentException(
                    "Cannot label digit '%s' with '%s': labels are %s".formatted(id, label, Digits.LABELS));
        }
        if (!png.startsWith(SIGNATURE)) {
            throw new IllegalArgumentException("Cannot use digit '%s': its %s are not a PNG file".formatted(id, png));
        }
    }
}
