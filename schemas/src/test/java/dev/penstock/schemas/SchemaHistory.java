package dev.penstock.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/** Every version of one schema that was ever committed: {@code history/<name>/<version>.avsc}, from 1. */
final class SchemaHistory {
    static final Path DIRECTORY = Path.of("src/test/resources/history");

    private final String name;
    private final List<Schema> versions;

    private SchemaHistory(String name, List<Schema> versions) {
        this.name = name;
        this.versions = List.copyOf(versions);
    }

    static SchemaHistory of(String name, Schema... versions) {
        return new SchemaHistory(name, List.of(versions));
    }

    static SchemaHistory read(String name) {
        Path directory = DIRECTORY.resolve(name);
        List<Schema> versions = new ArrayList<>();
        try {
            for (Path file = directory.resolve("1.avsc");
                    Files.exists(file);
                    file = directory.resolve(versions.size() + 1 + ".avsc")) {
                versions.add(new Schema.Parser().parse(Files.readString(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new SchemaHistory(name, versions);
    }

    /** What would break writers or readers of earlier versions, and that the newest was not committed; best empty. */
    List<String> complaints(Schema present) {
        List<String> complaints = new ArrayList<>();
        for (int version = 1; version <= versions.size(); version++) {
            Schema earlier = versions.get(version - 1);
            incompatibilities(present, earlier, "this version could not read records of version " + version)
                    .forEach(complaints::add);
            incompatibilities(earlier, present, "version %d could not read records of this version".formatted(version))
                    .forEach(complaints::add);
        }
        if (versions.isEmpty() || !versions.get(versions.size() - 1).equals(present)) {
            complaints.add("Cannot find this %s in its history: add it as %s"
                    .formatted(name, DIRECTORY.resolve(name).resolve(versions.size() + 1 + ".avsc")));
        }
        return complaints;
    }

    private Stream<String> incompatibilities(Schema reader, Schema writer, String consequence) {
        var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getResult();
        return result.getCompatibility() == SchemaCompatibilityType.COMPATIBLE
                ? Stream.empty()
                : result.getIncompatibilities().stream()
                        .sorted(Comparator.comparing(Incompatibility::getLocation))
                        .map(each -> "Cannot change %s at %s: %s (%s %s); %s"
                                .formatted(
                                        name,
                                        place(reader, each.getLocation()),
                                        consequence,
                                        each.getType(),
                                        each.getMessage(),
                                        remedy(each)));
    }

    private static String remedy(Incompatibility incompatibility) {
        return switch (incompatibility.getType()) {
            case READER_FIELD_MISSING_DEFAULT_VALUE ->
                "give a new field a default, and leave fields without one where they are";
            case MISSING_ENUM_SYMBOLS -> "give the enum a default, and leave its symbols";
            case MISSING_UNION_BRANCH -> "leave the branches as they are, and add a new optional field instead";
            default -> "leave what exists as it is, and add a new field with a default instead";
        };
    }

    /** Avro's pointer, such as {@code /fields/4/type}, with fields by name. */
    private static String place(Schema schema, String pointer) {
        StringBuilder place = new StringBuilder();
        Schema at = schema;
        String[] steps = pointer.split("/", -1);
        for (int step = 1; step < steps.length; step++) {
            if (steps[step].equals("fields") && at.getType() == Schema.Type.RECORD) {
                Schema.Field field = at.getFields().get(Integer.parseInt(steps[++step]));
                place.append(place.isEmpty() ? "field '" : ", field '")
                        .append(field.name())
                        .append('\'');
                at = field.schema();
            } else if (at.getType() == Schema.Type.UNION && steps[step].chars().allMatch(Character::isDigit)) {
                int branch = Integer.parseInt(steps[step]);
                if (branch >= at.getTypes().size()) {
                    break; // One that only the writer has.
                }
                at = at.getTypes().get(branch);
                place.append(" (").append(at.getName()).append(')');
            } else if (steps[step].equals("values") && at.getType() == Schema.Type.MAP) {
                at = at.getValueType();
            } else if (steps[step].equals("items") && at.getType() == Schema.Type.ARRAY) {
                at = at.getElementType();
            }
        }
        return place.isEmpty() ? "its top" : place.toString();
    }
}
