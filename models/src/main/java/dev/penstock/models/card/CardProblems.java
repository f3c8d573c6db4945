package dev.penstock.models.card;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.error.Mark;

/** Gathers what is wrong with one card, and remembers where each of its values is written. */
final class CardProblems {
    // A set, since some values are read twice.
    private final Set<CardProblem> problems = new LinkedHashSet<>();
    private final Map<String, Mark> places = new HashMap<>();

    /** The value of this key path is written here. */
    void place(String key, Mark mark) {
        places.put(key, mark);
    }

    void add(Mark mark, String key, String problem) {
        problems.add(new CardProblem(mark.getLine() + 1, mark.getColumn() + 1, key, problem));
    }

    void add(int line, int column, String problem) {
        problems.add(new CardProblem(line, column, "", problem));
    }

    /**
     * Adds what is wrong with the card's meaning, at the value that it is about or the closest one around it. Left out
     * where the value itself could not be read: then what was put in its place is to blame.
     */
    void addUnlessUnread(Findings.Finding finding) {
        boolean unread = problems.stream()
                .anyMatch(problem -> isWithin(problem.key(), finding.key()) || isWithin(finding.key(), problem.key()));
        if (unread) {
            return;
        }
        Mark mark = null;
        for (String key = finding.key(); mark == null && !key.isEmpty(); key = parentOf(key)) {
            mark = places.get(key);
        }
        if (mark == null) {
            add(1, 1, finding.problem());
        } else {
            add(mark, finding.key(), finding.problem());
        }
    }

    /** @throws InvalidModelCardException if there are any */
    void refuseIfAny() {
        if (!problems.isEmpty()) {
            throw new InvalidModelCardException(problems.stream()
                    .sorted(Comparator.comparingInt(CardProblem::line).thenComparingInt(CardProblem::column))
                    .toList());
        }
    }

    private static boolean isWithin(String inner, String outer) {
        return inner.equals(outer) || inner.startsWith(outer + ".") || inner.startsWith(outer + "[");
    }

    private static String parentOf(String key) {
        int end = Math.max(key.lastIndexOf('.'), key.lastIndexOf('['));
        return end < 0 ? "" : key.substring(0, end);
    }
}
