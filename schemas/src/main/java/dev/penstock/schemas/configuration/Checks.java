package dev.penstock.schemas.configuration;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is wrong with a record under construction, collected so that its constructor can refuse all of it at once. In a
 * file each problem is reported at the line of its key.
 */
public final class Checks {
    private final List<Problem> problems = new ArrayList<>();

    /**
     * @param key where it is wrong: kebab-case keys below the record, joined by dots
     * @param text what is wrong, with values, and what would be right
     */
    record Problem(String key, String text) {
        @Override
        public String toString() {
            return key + ": " + text;
        }
    }

    /**
     * Notes a problem unless the condition holds.
     *
     * @param key where it would be wrong: kebab-case keys below the record, joined by dots
     * @param problem what is wrong, with values, and what would be right
     */
    public Checks require(boolean holds, String key, String problem) {
        if (!holds) {
            problems.add(new Problem(key, problem));
        }
        return this;
    }

    /**
     * @param subject what is refused, such as {@code pipeline 'spam'}
     * @throws RefusedException if a condition did not hold
     */
    public void refuse(String subject) {
        if (!problems.isEmpty()) {
            throw new RefusedException(subject, List.copyOf(problems));
        }
    }

    /** A record refused its values. */
    static final class RefusedException extends IllegalArgumentException {
        private final transient List<Problem> problems;

        RefusedException(String subject, List<Problem> problems) {
            super("Cannot use %s: %s"
                    .formatted(subject, problems.stream().map(Problem::toString).collect(Collectors.joining("; "))));
            this.problems = problems;
        }

        List<Problem> problems() {
            return problems;
        }
    }
}
