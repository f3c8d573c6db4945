package dev.penstock.models.card;

import java.util.List;
import java.util.stream.Collectors;

/** A model card that cannot be used, with everything that is wrong in it. */
public final class InvalidModelCardException extends RuntimeException {
    private final transient List<CardProblem> problems;

    InvalidModelCardException(List<CardProblem> problems) {
        super(problems.stream()
                .map(problem -> "\n  " + problem)
                .collect(Collectors.joining("", "Cannot read model card:", "")));
        this.problems = List.copyOf(problems);
    }

    /** In the order of the card, one or more. */
    public List<CardProblem> problems() {
        return problems;
    }
}
