package dev.penstock.schemas.pipelines;

import java.time.Duration;

/** What windows may be. */
final class Windows {
    static final Duration SHORTEST = Duration.ofSeconds(1);
    /** Beyond it nothing is checked any more: a mistaken unit of time is a factor of a thousand. */
    static final Duration LONGEST = Duration.ofDays(366);

    private Windows() {}
}
