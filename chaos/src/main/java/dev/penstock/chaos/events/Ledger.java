package dev.penstock.chaos.events;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** When each event was sent. Thread-safe. */
public final class Ledger {
    private static final int PAGE = 1 << 16;

    private final List<long[]> pages = new ArrayList<>();
    private long count;

    /** The next event's number; numbers are counted from 0. */
    public synchronized long next(Instant sentAt) {
        long number = count++;
        int page = (int) (number / PAGE);
        if (page == pages.size()) {
            pages.add(new long[PAGE]);
        }
        pages.get(page)[(int) (number % PAGE)] = sentAt.toEpochMilli();
        return number;
    }

    public synchronized long count() {
        return count;
    }

    /** @throws IllegalArgumentException if it was not sent */
    public synchronized Instant sentAt(long number) {
        if (number < 0 || number >= count) {
            throw new IllegalArgumentException(
                    "Cannot say when event %d was sent: %d were, counted from 0".formatted(number, count));
        }
        return Instant.ofEpochMilli(pages.get((int) (number / PAGE))[(int) (number % PAGE)]);
    }
}
