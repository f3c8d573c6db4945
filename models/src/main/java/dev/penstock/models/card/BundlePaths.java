package dev.penstock.models.card;

import java.util.Arrays;
import java.util.regex.Pattern;

/** Paths of files by which a bundle speaks of itself: relative, with forward slashes, the same on every machine. */
public final class BundlePaths {
    /** Neither those that Windows cannot name nor those that cannot be seen. */
    private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}\\\\:*?\"<>|/]{1,255}");

    private BundlePaths() {}

    /** Whether it names a file inside of whatever directory it is resolved against. */
    public static boolean isInside(String path) {
        return path.length() <= 1024
                && Arrays.stream(path.split("/", -1))
                        .allMatch(name -> NAME.matcher(name).matches() && !name.equals(".") && !name.equals(".."));
    }
}
