package dev.penstock.schemas.pipelines;

import dev.penstock.schemas.Modality;
import dev.penstock.schemas.configuration.Checks;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Where in a source record that is which is to be scored. */
public sealed interface Payload {
    Modality modality();

    /** @param text Avro string, or bytes of UTF-8 */
    record Text(FieldPath text) implements Payload {
        @Override
        public Modality modality() {
            return Modality.TEXT;
        }
    }

    /**
     * @param content Avro bytes: the encoded file
     * @param contentType text such as {@code image/png}
     */
    record Image(FieldPath content, Optional<FieldPath> contentType) implements Payload {
        @Override
        public Modality modality() {
            return Modality.IMAGE;
        }
    }

    /**
     * @param content Avro bytes: the encoded file
     * @param contentType text such as {@code audio/wav}
     */
    record Audio(FieldPath content, Optional<FieldPath> contentType) implements Payload {
        @Override
        public Modality modality() {
            return Modality.AUDIO;
        }
    }

    /**
     * One feature or more; a name or a field stands once.
     *
     * @param numbers by the feature's name in the model card: any number, decimal or boolean (1 and 0)
     * @param categories by the feature's name in the model card: text, enums, whole numbers or booleans
     */
    record Features(Map<String, FieldPath> numbers, Map<String, FieldPath> categories) implements Payload {
        public Features {
            numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
            categories = Collections.unmodifiableMap(new LinkedHashMap<>(categories));
            Checks checks = new Checks()
                    .require(
                            !numbers.isEmpty() || !categories.isEmpty(), "numbers", "there are no features; name some");
            for (String name : categories.keySet()) {
                checks.require(
                        !numbers.containsKey(name),
                        "categories." + name,
                        "the feature is a number already; one name is one feature");
            }
            Map<FieldPath, String> readBy = new HashMap<>();
            requireFieldsOnce("numbers.", numbers, readBy, checks);
            requireFieldsOnce("categories.", categories, readBy, checks);
            checks.refuse("features");
        }

        private static void requireFieldsOnce(
                String group, Map<String, FieldPath> features, Map<FieldPath, String> readBy, Checks checks) {
            features.forEach((name, path) -> {
                String other = readBy.putIfAbsent(path, group + name);
                checks.require(
                        other == null,
                        group + name,
                        "field '%s' is read a second time, after '%s'".formatted(path, other));
            });
        }

        @Override
        public Modality modality() {
            return Modality.RECORD;
        }
    }

    /** @param values Avro array of numbers in the order of the model card, or bytes of little-endian float32 */
    record Vector(FieldPath values) implements Payload {
        @Override
        public Modality modality() {
            return Modality.RECORD;
        }
    }
}
