package dev.penstock.models.preprocessing.text;

import java.util.Arrays;

/** Takes token ids until it is full, so that nobody tokenises what would be cut. */
final class TokenSink {
    private final int[] ids;
    private int count;

    TokenSink(int capacity) {
        this.ids = new int[capacity];
    }

    void add(int id) {
        if (!isFull()) {
            ids[count++] = id;
        }
    }

    boolean isFull() {
        return count == ids.length;
    }

    int[] ids() {
        return Arrays.copyOf(ids, count);
    }
}
