package dev.penstock.schemas.pipelines;

import java.io.Serializable;
import java.util.Locale;

/**
 * A value of a request by which its history can be told apart: its entity, or a feature of its payload. Written {@code
 * entity}, {@code category.NAME} or {@code number.NAME}. Attributes are none: they are never an input of the model.
 *
 * @param name of the feature; empty for the entity
 */
public record RequestField(Kind kind, String name) implements Serializable {
    /** Where a request has it. */
    public enum Kind {
        ENTITY,
        CATEGORY,
        NUMBER
    }

    public RequestField {
        if (name.isBlank() != (kind == Kind.ENTITY)) {
            throw new IllegalArgumentException(
                    "Cannot use request field %s with name '%s': categories and numbers have one, the entity has none"
                            .formatted(kind, name));
        }
    }

    /** @throws IllegalArgumentException if it is none of the three forms */
    public static RequestField parse(String text) {
        if (text.equals("entity")) {
            return new RequestField(Kind.ENTITY, "");
        }
        int dot = text.indexOf('.');
        String kind = dot < 0 ? "" : text.substring(0, dot);
        String name = text.substring(dot + 1);
        if (!name.isBlank() && kind.equals("category")) {
            return new RequestField(Kind.CATEGORY, name);
        }
        if (!name.isBlank() && kind.equals("number")) {
            return new RequestField(Kind.NUMBER, name);
        }
        throw new IllegalArgumentException(
                "'%s' is not a field of a request; write entity, category.NAME or number.NAME".formatted(text));
    }

    @Override
    public String toString() {
        String prefix = kind.name().toLowerCase(Locale.ROOT);
        return kind == Kind.ENTITY ? prefix : prefix + "." + name;
    }
}
