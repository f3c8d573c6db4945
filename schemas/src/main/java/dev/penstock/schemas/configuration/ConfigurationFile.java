package dev.penstock.schemas.configuration;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads YAML into a record.
 *
 * <p>Keys are the record's components in kebab-case; unknown ones are refused. {@code ${NAME}} in a value comes from the
 * environment, or from a file that it names: {@link Variables}. What may be missing is an {@link Optional}, a collection or has a {@link Default}. A type with a static
 * {@code parse(String)} is written as text; a sealed interface is a mapping with one key, the case's name; a record whose
 * other components may be missing can be written as its first component alone; a map whose values are written as text can
 * be written as a list, each item naming itself. Every mistake is reported at once, with its line.
 */
public final class ConfigurationFile {
    private ConfigurationFile() {}

    /**
     * @param environment such as {@code System.getenv()}
     * @throws InvalidConfigurationException listing everything that is wrong
     */
    public static <T extends Record> T read(Path file, Class<T> type, Map<String, String> environment) {
        String yaml;
        try {
            yaml = Files.readString(file);
        } catch (IOException e) {
            throw new InvalidConfigurationException(
                    file.toString(),
                    new Mistake(0, 0, "", "the file cannot be read as UTF-8 text (%s)".formatted(e)),
                    e);
        }
        return parse(file.toString(), yaml, type, environment);
    }

    /**
     * @param name what messages call the text
     * @throws InvalidConfigurationException listing everything that is wrong
     */
    public static <T extends Record> T parse(String name, String yaml, Class<T> type, Map<String, String> environment) {
        List<Mistake> mistakes = new ArrayList<>();
        Node root;
        try {
            root = new YamlReader(environment, mistakes).read(yaml);
        } catch (JsonProcessingException e) {
            JsonLocation location = e.getLocation();
            Mistake mistake = location == null
                    ? new Mistake(0, 0, "", e.getOriginalMessage())
                    : new Mistake(location.getLineNr(), location.getColumnNr(), "", "not YAML: " + firstLine(e));
            throw new InvalidConfigurationException(name, mistake, e);
        } catch (IOException e) {
            throw new InvalidConfigurationException(name, new Mistake(0, 0, "", e.toString()), e);
        }
        Optional<T> value = new RecordBinder(mistakes).bind(root, type);
        if (!mistakes.isEmpty()) {
            throw new InvalidConfigurationException(name, mistakes);
        }
        return value.orElseThrow();
    }

    private static String firstLine(JsonProcessingException e) {
        return e.getOriginalMessage().lines().findFirst().orElse("it cannot be parsed");
    }
}
