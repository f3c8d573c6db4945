package dev.penstock.cli.sending;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Reads records, either CSV with a header row or JSON objects one after the other.
 *
 * <p>{@code id}, {@code entity} and {@code time} are what they say, and everything else is a feature, unless an object has
 * {@code features}: then those are the features.
 */
final class RecordFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?");
    private static final Pattern NOT_A_NUMBER = Pattern.compile("(?i)nan|[-+]?inf(inity)?");
    private static final String ID = "id";
    private static final String ENTITY = "entity";
    private static final String TIME = "time";
    private static final String FEATURES = "features";
    private static final String ATTRIBUTES = "attributes";

    private final Set<String> categories;
    private final List<String> problems = new ArrayList<>();

    /** @param categories features that are categories even if their values look like numbers */
    RecordFile(Set<String> categories) {
        this.categories = Set.copyOf(categories);
    }

    /** What is wrong, each with its line; empty if all could be read. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    /** Those records that could be read. */
    List<EventRecord> read(String text) {
        String start = text.stripLeading();
        return start.startsWith("{") || start.startsWith("[") ? json(text) : csv(text);
    }

    private List<EventRecord> csv(String text) {
        List<Csv.Row> rows;
        try {
            rows = Csv.rows(text);
        } catch (IllegalArgumentException e) {
            problems.add(e.getMessage());
            return List.of();
        }
        if (rows.size() < 2) {
            problems.add("there is no record: the first line names the columns, and each other one is a record");
            return List.of();
        }
        List<String> names = rows.get(0).values();
        if (names.contains("") || new TreeSet<>(names).size() < names.size()) {
            problems.add("line %d: each column needs a name of its own; they are %s"
                    .formatted(rows.get(0).line(), names));
            return List.of();
        }
        List<EventRecord> records = new ArrayList<>();
        for (Csv.Row row : rows.subList(1, rows.size())) {
            if (row.values().size() == names.size()) {
                add(records, row.line(), () -> record(row, names));
            } else {
                problems.add("line %d: it has %d values, and there are %d columns"
                        .formatted(row.line(), row.values().size(), names.size()));
            }
        }
        return records;
    }

    private EventRecord record(Csv.Row row, List<String> names) {
        Fields fields = new Fields();
        for (int column = 0; column < names.size(); column++) {
            String value = row.values().get(column);
            if (!value.isEmpty()) {
                fields.addText(names.get(column), value);
            }
        }
        return fields.toRecord(row.line());
    }

    private List<EventRecord> json(String text) {
        List<EventRecord> records = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(text)) {
            while (parser.nextToken() != null) {
                int line = parser.currentTokenLocation().getLineNr();
                if (parser.currentToken() == JsonToken.START_ARRAY || parser.currentToken() == JsonToken.END_ARRAY) {
                    continue;
                }
                JsonNode value = JSON.readTree(parser);
                if (value.isObject()) {
                    add(records, line, () -> record(line, value));
                } else {
                    problems.add("line %d: %s is not an object".formatted(line, value));
                }
            }
        } catch (JsonProcessingException e) {
            problems.add("line %d: this is not JSON: %s"
                    .formatted(e.getLocation() == null ? 1 : e.getLocation().getLineNr(), e.getOriginalMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return records;
    }

    private EventRecord record(int line, JsonNode object) {
        Fields fields = new Fields();
        JsonNode features = object.path(FEATURES);
        boolean flat = !features.isContainerNode();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = field.getKey();
            if (name.equals(ID) || name.equals(ENTITY) || name.equals(TIME)) {
                fields.addText(name, field.getValue().asText());
            } else if (name.equals(ATTRIBUTES) && field.getValue().isObject()) {
                field.getValue()
                        .properties()
                        .forEach(each -> fields.attributes.put(
                                each.getKey(), each.getValue().asText()));
            } else if (flat) {
                addFeature(fields, name, field.getValue());
            } else if (!name.equals(FEATURES)) {
                throw new IllegalArgumentException(
                        "'%s' is beside 'features'; an object that has them has id, entity, time and attributes besides"
                                .formatted(name));
            }
        }
        features.properties().forEach(feature -> addFeature(fields, feature.getKey(), feature.getValue()));
        if (features.isArray()) {
            features.forEach(value -> fields.vector.add(number(value)));
        }
        return fields.toRecord(line);
    }

    private void addFeature(Fields fields, String name, JsonNode value) {
        if (value.isContainerNode()) {
            throw new IllegalArgumentException(
                    "feature '%s' is not one value; a model reads numbers and texts".formatted(name));
        } else if (categories.contains(name) && !value.isNull()) {
            fields.categories.put(name, value.asText());
        } else if (value.isNumber()) {
            fields.numbers.put(name, value.doubleValue());
        } else if (value.isBoolean()) {
            fields.numbers.put(name, value.booleanValue() ? 1.0 : 0.0);
        } else if (value.isTextual()) {
            fields.categories.put(name, value.textValue());
        }
    }

    private static float number(JsonNode value) {
        if (!value.isNumber()) {
            throw new IllegalArgumentException("%s in the list of features is not a number".formatted(value));
        }
        return value.floatValue();
    }

    private interface Reading {
        EventRecord record();
    }

    private void add(List<EventRecord> records, int line, Reading reading) {
        try {
            records.add(reading.record());
        } catch (IllegalArgumentException e) {
            problems.add("line %d: %s".formatted(line, e.getMessage()));
        }
    }

    private final class Fields {
        private Optional<String> id = Optional.empty();
        private Optional<String> entity = Optional.empty();
        private Optional<Instant> time = Optional.empty();
        private final Map<String, Double> numbers = new HashMap<>();
        private final Map<String, String> categories = new HashMap<>();
        private final List<Float> vector = new ArrayList<>();
        private final Map<String, String> attributes = new HashMap<>();

        void addText(String name, String value) {
            switch (name) {
                case ID -> id = Optional.of(value);
                case ENTITY -> entity = Optional.of(value);
                case TIME -> time = Optional.of(instant(value));
                default -> addFeature(name, value);
            }
        }

        private void addFeature(String name, String value) {
            if (RecordFile.this.categories.contains(name)) {
                categories.put(name, value);
                return;
            }
            if (NUMBER.matcher(value).matches()) {
                numbers.put(name, Double.valueOf(value));
            } else if (NOT_A_NUMBER.matcher(value).matches()) {
                throw new IllegalArgumentException(
                        "feature '%s' is %s, which is no value; leave it empty if there is none"
                                .formatted(name, value));
            } else {
                categories.put(name, value);
            }
        }

        EventRecord toRecord(int line) {
            return new EventRecord(line, id, entity, time, numbers, categories, vector, attributes);
        }
    }

    /** Milliseconds since 1970, or ISO 8601 with an offset. */
    private static Instant instant(String text) {
        try {
            return text.matches("\\d{1,18}")
                    ? Instant.ofEpochMilli(Long.parseLong(text))
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "'%s' is not a time; write it like 2026-01-31T12:00:00Z, or as milliseconds since 1970"
                            .formatted(text));
        }
    }
}
