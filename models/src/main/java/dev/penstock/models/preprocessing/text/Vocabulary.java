package dev.penstock.models.preprocessing.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A bundle's list of tokens: the line number from 0 is the id. Immutable. */
final class Vocabulary {
    private static final long LARGEST_FILE = 64L * 1024 * 1024;

    private final String file;
    private final Map<String, Integer> ids;

    private Vocabulary(String file, Map<String, Integer> ids) {
        this.file = file;
        this.ids = Map.copyOf(ids);
    }

    /** @throws IllegalArgumentException if the file is not there, outside of the bundle, or not a vocabulary */
    static Vocabulary read(Path bundle, String file) {
        Path path = bundle.resolve(file).normalize();
        if (!path.startsWith(bundle.normalize()) || !Files.isRegularFile(path)) {
            throw new IllegalArgumentException(
                    "Cannot read vocabulary '%s': there is no such file in the bundle".formatted(file));
        }
        try {
            if (Files.size(path) > LARGEST_FILE) {
                throw new IllegalArgumentException("Cannot read vocabulary '%s': it has %d bytes, allowed are %d"
                        .formatted(file, Files.size(path), LARGEST_FILE));
            }
            return of(file, Files.readAllLines(path, UTF_8));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("Cannot read vocabulary '%s': it is not UTF-8".formatted(file), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("Cannot read vocabulary '%s': %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Where a token is there twice, its last line counts, as in BERT's own reader. */
    static Vocabulary of(String file, List<String> lines) {
        Map<String, Integer> ids = new HashMap<>(2 * lines.size());
        for (int id = 0; id < lines.size(); id++) {
            ids.put(lines.get(id), id);
        }
        return new Vocabulary(file, ids);
    }

    /** @throws IllegalArgumentException if it is not in the vocabulary */
    int required(String token) {
        Integer id = ids.get(token);
        if (id == null) {
            throw new IllegalArgumentException(
                    "Cannot use vocabulary '%s': it has no token '%s', which the card names".formatted(file, token));
        }
        return id;
    }

    int idOf(String token, int otherwise) {
        return ids.getOrDefault(token, otherwise);
    }

    boolean contains(String token) {
        return ids.containsKey(token);
    }
}
