package dev.penstock.schemas.pipelines;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A way to a value inside a record: names of fields or keys of maps, from the top. Written with dots between them, and
 * {@code \.} for a dot inside a map's key.
 *
 * @param names one or more, none empty
 */
public record FieldPath(List<String> names) {
    public FieldPath {
        names = List.copyOf(names);
        if (names.isEmpty() || names.contains("")) {
            throw new IllegalArgumentException(
                    "Cannot use field path %s: it has no name, or an empty one".formatted(names));
        }
    }

    /** @throws IllegalArgumentException if a name is missing */
    public static FieldPath parse(String text) {
        List<String> names = new ArrayList<>();
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '\\' && i + 1 < text.length() && text.charAt(i + 1) == '.') {
                name.append('.');
                i++;
            } else if (character == '.') {
                names.add(name.toString());
                name.setLength(0);
            } else {
                name.append(character);
            }
        }
        names.add(name.toString());
        if (names.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException(
                    "'%s' is not a field path; write names with dots between them, like merchant.country"
                            .formatted(text));
        }
        return new FieldPath(names);
    }

    @Override
    public String toString() {
        return names.stream().map(name -> name.replace(".", "\\.")).collect(Collectors.joining("."));
    }
}
