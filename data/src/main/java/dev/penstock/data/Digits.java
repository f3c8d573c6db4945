package dev.penstock.data;

import java.util.ArrayList;
import java.util.List;

/**
 * 3,000 of the 70,000 digits of MNIST (Yann LeCun, Corinna Cortes, Christopher Burges), labels in the shares that the
 * source has: from 259 fives to 338 ones.
 *
 * <p>Each call reads the class path anew, about 1 MB for both splits, and holds on to nothing.
 */
public final class Digits {
    /** Every label, in the order of the digits. */
    public static final List<String> LABELS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

    private Digits() {}

    /** 800 digits for a first model. */
    public static List<Digit> bootstrap() {
        return read("bootstrap");
    }

    /** The other 2,200 digits, shuffled once and for all. */
    public static List<Digit> stream() {
        return read("stream");
    }

    private static List<Digit> read(String split) {
        List<Digit> digits = new ArrayList<>();
        for (Resources.Entry entry : Resources.entries("digits-%s.zip".formatted(split))) {
            String id = "digit-%s-%04d".formatted(split, digits.size() + 1);
            String label = entry.name().substring(0, entry.name().indexOf('/'));
            digits.add(new Digit(id, label, entry.name(), entry.content()));
        }
        return List.copyOf(digits);
    }
}
