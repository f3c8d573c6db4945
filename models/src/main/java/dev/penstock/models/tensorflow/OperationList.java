package dev.penstock.models.tensorflow;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What each operation of TensorFlow may be used for: {@code operations.txt}, read once. Thread-safe. */
final class OperationList {
    private static final String FILE = "operations.txt";
    private static final String COMPUTING = "computing: ";
    private static final String REFUSED = "refused: ";
    private static final OperationList INSTANCE = read();

    private final Map<String, Judgement> judgements;

    private OperationList(Map<String, Judgement> judgements) {
        this.judgements = Map.copyOf(judgements);
    }

    static OperationList instance() {
        return INSTANCE;
    }

    /** When operations run. What only computes may run at any time. */
    enum Phase {
        CALLING,
        INITIALISING,
        RESTORING,
        SAVING
    }

    /**
     * One operation's.
     *
     * @param allowed when it may run
     * @param otherwise what a model does that runs it at another time, as a verb and its object
     */
    private record Judgement(Set<Phase> allowed, String otherwise) {
        static Judgement of(String section) {
            if (section.startsWith(COMPUTING)) {
                return new Judgement(Set.of(Phase.values()), "");
            } else if (section.startsWith(REFUSED)) {
                return new Judgement(Set.of(), section.substring(REFUSED.length()));
            }
            return switch (section) {
                case "initialising" -> new Judgement(Set.of(Phase.INITIALISING), "fills tables");
                case "restoring" -> new Judgement(Set.of(Phase.RESTORING), "reads or writes files");
                case "saving" -> new Judgement(Set.of(Phase.SAVING), "reads or writes files");
                default ->
                    throw new IllegalStateException("Cannot read %s: it has a section '%s'".formatted(FILE, section));
            };
        }
    }

    /** What a model does wrong that runs the operation then; empty if nothing. */
    Optional<String> refusal(String operation, Phase phase) {
        if (operation.startsWith("_")) {
            return Optional.of("has parts that only TensorFlow may put there");
        }
        Judgement judgement = judgements.get(operation);
        if (judgement == null) {
            return Optional.of("has parts that nobody has judged yet");
        }
        return judgement.allowed().contains(phase) ? Optional.empty() : Optional.of(judgement.otherwise());
    }

    Set<String> judged() {
        return judgements.keySet();
    }

    private static OperationList read() {
        Map<String, Judgement> judgements = new HashMap<>();
        try (InputStream in = Objects.requireNonNull(OperationList.class.getResourceAsStream(FILE), FILE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            Judgement section = null;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("[")) {
                    section = Judgement.of(line.substring(1, line.length() - 1));
                } else if (!line.isEmpty() && !line.startsWith("#")) {
                    for (String operation : line.split(" ", -1)) {
                        if (section == null || judgements.put(operation, section) != null) {
                            throw new IllegalStateException(
                                    "Cannot read %s: '%s' is in no section or in two".formatted(FILE, operation));
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read %s".formatted(FILE), e);
        }
        return new OperationList(judgements);
    }
}
