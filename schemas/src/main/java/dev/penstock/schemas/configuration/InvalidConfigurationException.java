package dev.penstock.schemas.configuration;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A configuration file cannot be used; the message lists everything that is wrong with it. */
public final class InvalidConfigurationException extends IllegalArgumentException {
    private final transient List<Mistake> mistakes;

    InvalidConfigurationException(String file, List<Mistake> mistakes) {
        this(file, sorted(mistakes), null);
    }

    InvalidConfigurationException(String file, Mistake mistake, Throwable cause) {
        this(file, List.of(mistake), cause);
    }

    private InvalidConfigurationException(String file, List<Mistake> mistakes, @Nullable Throwable cause) {
        super(
                "Cannot use %s: %s%s"
                        .formatted(
                                file,
                                mistakes.size() == 1
                                        ? "it has a mistake"
                                        : "it has %d mistakes".formatted(mistakes.size()),
                                mistakes.stream()
                                        .map(mistake -> "\n  " + mistake)
                                        .collect(Collectors.joining())),
                cause);
        this.mistakes = mistakes;
    }

    private static List<Mistake> sorted(List<Mistake> mistakes) {
        return mistakes.stream()
                .distinct()
                .sorted(Comparator.comparingInt(Mistake::line).thenComparingInt(Mistake::column))
                .toList();
    }

    /** In the order of the file. */
    public List<Mistake> mistakes() {
        return mistakes;
    }
}
