package dev.penstock.schemas.configuration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code ${NAME}} stands for: the environment's variable of that name, else the content of the file that its variable
 * {@code NAME_FILE} names. Secrets that are mounted as files so need not stand in the environment, which whoever may look
 * at a process or a container can read.
 */
public final class Variables {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");
    private static final String FILE = "_FILE";
    /** A password or a chain of certificates is far smaller: whatever is larger was not meant. */
    private static final long LARGEST_FILE_BYTES = 1 << 20;

    private final Map<String, String> environment;

    /** @param environment such as {@code System.getenv()} */
    public Variables(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** Something that is written as a placeholder and has no value; its message names no secret. */
    public static final class UndefinedException extends Exception {
        UndefinedException(String problem) {
            super(problem);
        }
    }

    /**
     * Puts the values in for the placeholders. What a value holds is not looked into again.
     *
     * @param written any text
     * @throws UndefinedException for a variable that is not there, or whose file cannot be read; what is wrong and what
     *     would be right
     */
    public String fill(String written) throws UndefinedException {
        Matcher placeholder = PLACEHOLDER.matcher(written);
        StringBuilder filled = new StringBuilder();
        while (placeholder.find()) {
            placeholder.appendReplacement(filled, Matcher.quoteReplacement(value(placeholder.group(1))));
        }
        return placeholder.appendTail(filled).toString();
    }

    private String value(String name) throws UndefinedException {
        String value = environment.get(name);
        if (value != null) {
            return value;
        }
        String file = environment.get(name + FILE);
        if (file == null) {
            throw new UndefinedException(
                    "the environment has no variable '%s'; set it, or let '%s%s' name a file that holds it"
                            .formatted(name, name, FILE));
        }
        return content(name, file);
    }

    private static String content(String name, String file) throws UndefinedException {
        try {
            Path path = Path.of(file);
            if (Files.size(path) > LARGEST_FILE_BYTES) {
                throw unreadable(name, file, "it has more than %,d bytes".formatted(LARGEST_FILE_BYTES));
            }
            String content = Files.readString(path);
            // Editors and 'echo' end a file with a line break that is no part of a password.
            return content.endsWith("\r\n")
                    ? content.substring(0, content.length() - 2)
                    : content.endsWith("\n") ? content.substring(0, content.length() - 1) : content;
        } catch (IOException | InvalidPathException e) {
            throw unreadable(name, file, e.getClass().getSimpleName());
        }
    }

    private static UndefinedException unreadable(String name, String file, String reason) {
        return new UndefinedException(
                "file '%s', which variable '%s%s' names, cannot be read as UTF-8 text (%s); correct it, or set '%s'"
                        .formatted(file, name, FILE, reason, name));
    }
}
