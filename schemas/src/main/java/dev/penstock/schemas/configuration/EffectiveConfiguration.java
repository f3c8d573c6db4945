package dev.penstock.schemas.configuration;

import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A configuration as it is in force, defaults included, for the log. Secrets are stars. */
public final class EffectiveConfiguration {
    private static final String STARS = "*****";
    /** A key with one of these in it holds a secret: the names that Kafka's and the registry's clients use. */
    private static final List<String> SECRET = List.of(
            "password", "passphrase", "secret", "jaas", "token", "credential", "user.info", "user-info", "private");

    private EffectiveConfiguration() {}

    /** Lines of YAML without a final line break. */
    public static String of(Record configuration) {
        StringBuilder lines = new StringBuilder();
        append(lines, "", entries(configuration));
        return lines.toString().stripTrailing();
    }

    private static Map<String, Object> entries(Record configuration) {
        Map<String, Object> entries = new LinkedHashMap<>();
        for (RecordComponent component : configuration.getClass().getRecordComponents()) {
            if (!component.isAnnotationPresent(NamedByKey.class)) {
                try {
                    component.getAccessor().setAccessible(true);
                    entries.put(
                            RecordBinder.kebab(component.getName()),
                            component.getAccessor().invoke(configuration));
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("Cannot read %s".formatted(component), e);
                }
            }
        }
        return entries;
    }

    private static void append(StringBuilder lines, String indentation, Map<?, ?> entries) {
        entries.forEach((key, value) -> {
            if (value instanceof Optional<?> optional && optional.isEmpty()) {
                return;
            }
            lines.append(indentation).append(key).append(':');
            appendValue(lines, indentation, key.toString(), value instanceof Optional<?> o ? o.get() : value);
        });
    }

    private static void appendValue(StringBuilder lines, String indentation, String key, Object value) {
        String below = indentation + "  ";
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            appendBelow(lines, below, map);
        } else if (value instanceof Record nested && !TextValue.reads(value.getClass())) {
            Class<?> choice = choice(nested);
            appendBelow(
                    lines,
                    below,
                    choice == null
                            ? entries(nested)
                            : Map.of(RecordBinder.kebab(choice.getSimpleName()), entries(nested)));
        } else if (value instanceof Collection<?> items) {
            lines.append(' ')
                    .append(items.stream().map(item -> text(key, item)).toList())
                    .append('\n');
        } else {
            lines.append(' ').append(text(key, value)).append('\n');
        }
    }

    /** A key alone would mean that its value was forgotten. */
    private static void appendBelow(StringBuilder lines, String indentation, Map<?, ?> entries) {
        StringBuilder inner = new StringBuilder();
        append(inner, indentation, entries);
        lines.append(inner.isEmpty() ? " {}\n" : "\n" + inner);
    }

    private static @Nullable Class<?> choice(Record value) {
        for (Class<?> type : value.getClass().getInterfaces()) {
            if (type.isSealed()) {
                return value.getClass();
            }
        }
        return null;
    }

    private static String text(String key, Object value) {
        if (isSecret(key)) {
            return STARS;
        }
        if (value instanceof URI uri && uri.getRawUserInfo() != null) {
            return uri.toString().replace(uri.getRawUserInfo(), STARS);
        }
        if (value instanceof Enum<?> constant) {
            return TextValue.written(constant);
        }
        return value instanceof Map<?, ?> ? "{}" : value.toString();
    }

    private static boolean isSecret(String key) {
        String lowerCase = key.toLowerCase(Locale.ROOT);
        return lowerCase.endsWith(".key") || SECRET.stream().anyMatch(lowerCase::contains);
    }
}
