package dev.penstock.cli.demo.events;

import java.util.List;
import java.util.stream.IntStream;

/** Divides items into two parts that are alike. */
final class EveryNth {
    private EveryNth() {}

    /** The first, and each nth after it. */
    static <T> List<T> of(List<T> items, int nth) {
        return IntStream.range(0, items.size())
                .filter(index -> index % nth == 0)
                .mapToObj(items::get)
                .toList();
    }

    /** Those that are not in {@link #of}. */
    static <T> List<T> others(List<T> items, int nth) {
        return IntStream.range(0, items.size())
                .filter(index -> index % nth != 0)
                .mapToObj(items::get)
                .toList();
    }
}
