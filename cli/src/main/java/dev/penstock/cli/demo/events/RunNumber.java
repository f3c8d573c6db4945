package dev.penstock.cli.demo.events;

/**
 * Makes ids that no other run of the same events has: what was sent before would else be dropped as a repetition.
 *
 * @param number 0 where events are the first that a platform sees; at most {@value #LARGEST}
 */
public record RunNumber(long number) {
    private static final long LARGEST = 900_000_000;
    private static final long NUMBERS_A_RUN = 10_000_000_000L;

    public RunNumber {
        if (number < 0 || number > LARGEST) {
            throw new IllegalArgumentException(
                    "Cannot number a run %d: numbers go from 0 to %d".formatted(number, LARGEST));
        }
    }

    /** Of the only one that a platform sees. */
    public static RunNumber only() {
        return new RunNumber(0);
    }

    String id(String name) {
        return number == 0 ? name : "%d-%s".formatted(number, name);
    }

    /** @param id below ten thousand million */
    long id(long id) {
        return number * NUMBERS_A_RUN + id;
    }
}
