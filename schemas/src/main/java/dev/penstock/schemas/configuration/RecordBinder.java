package dev.penstock.schemas.configuration;

import dev.penstock.schemas.configuration.Node.Entry;
import dev.penstock.schemas.configuration.Node.Mapping;
import dev.penstock.schemas.configuration.Node.Nothing;
import dev.penstock.schemas.configuration.Node.Place;
import dev.penstock.schemas.configuration.Node.Scalar;
import dev.penstock.schemas.configuration.Node.Sequence;
import dev.penstock.schemas.configuration.Node.Unreadable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Binds nodes to records. What cannot be bound is noted and left empty, and the rest goes on, so that one run finds every
 * mistake.
 */
final class RecordBinder {
    private final List<Mistake> mistakes;

    RecordBinder(List<Mistake> mistakes) {
        this.mistakes = mistakes;
    }

    <T extends Record> Optional<T> bind(Node root, Class<T> type) {
        Node node = root instanceof Nothing nothing ? new Mapping(nothing.place(), Map.of()) : root;
        return record(node, type, "", "").map(type::cast);
    }

    private Optional<?> value(Node node, Type type, String path, String key) {
        if (node instanceof Unreadable) {
            return Optional.empty();
        }
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            Class<?> raw = (Class<?>) generic.getRawType();
            if (raw == Optional.class) {
                Optional<?> inner = value(node, arguments[0], path, key);
                return inner.isPresent() ? Optional.of(inner) : inner;
            }
            if (raw == Map.class) {
                return map(node, arguments[1], path);
            }
            if (raw == List.class) {
                return list(node, arguments[0], path);
            }
            if (raw == Set.class) {
                return set(node, arguments[0], path);
            }
        } else if (type instanceof Class<?> plain) {
            if (TextValue.reads(plain)) {
                return text(node, plain, path);
            }
            if (plain.isRecord()) {
                return record(node, plain, path, key);
            }
            if (plain.isSealed()) {
                return choice(node, plain, path, key);
            }
        }
        throw new IllegalStateException("Cannot bind configuration to %s at '%s'".formatted(type, path));
    }

    private Optional<?> text(Node node, Class<?> type, String path) {
        if (node instanceof Unreadable) {
            return Optional.empty();
        }
        if (!(node instanceof Scalar scalar)) {
            return mistake(node.place(), path, "expected a single value, found %s".formatted(node.kind()));
        }
        try {
            return Optional.of(TextValue.parse(scalar.text(), type));
        } catch (IllegalArgumentException e) {
            // Where the environment spoke, its value may be a secret.
            String problem = scalar.text().equals(scalar.written())
                    ? String.valueOf(e.getMessage())
                    : "what the environment gives for '%s' cannot be used here".formatted(scalar.written());
            return mistake(node.place(), path, problem);
        }
    }

    private Optional<Map<String, Object>> map(Node node, Type valueType, String path) {
        Map<String, Object> values = new LinkedHashMap<>();
        boolean complete = true;
        if (node instanceof Mapping mapping) {
            for (Map.Entry<String, Entry> entry : mapping.entries().entrySet()) {
                String key = entry.getKey();
                Optional<?> value = value(entry.getValue().value(), valueType, YamlReader.below(path, key), key);
                value.ifPresent(bound -> values.put(key, bound));
                complete &= value.isPresent();
            }
        } else if (node instanceof Sequence sequence && valueType instanceof Class<?> type && TextValue.reads(type)) {
            for (int i = 0; i < sequence.items().size(); i++) {
                Node item = sequence.items().get(i);
                String itemPath = path + "[" + i + "]";
                Optional<?> value = text(item, type, itemPath);
                if (value.isPresent() && values.putIfAbsent(value.get().toString(), value.get()) != null) {
                    value = mistake(item.place(), itemPath, "'%s' is listed a second time".formatted(value.get()));
                }
                complete &= value.isPresent();
            }
        } else {
            return mistake(node.place(), path, "expected a mapping, found %s".formatted(node.kind()));
        }
        return complete ? Optional.of(Collections.unmodifiableMap(values)) : Optional.empty();
    }

    private Optional<List<Object>> list(Node node, Type itemType, String path) {
        if (!(node instanceof Sequence sequence)) {
            return mistake(node.place(), path, "expected a list, found %s".formatted(node.kind()));
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            value(sequence.items().get(i), itemType, path + "[" + i + "]", "").ifPresent(values::add);
        }
        return values.size() == sequence.items().size() ? Optional.of(List.copyOf(values)) : Optional.empty();
    }

    private Optional<Set<Object>> set(Node node, Type itemType, String path) {
        return list(node, itemType, path).flatMap(items -> {
            Set<Object> values = new LinkedHashSet<>(items);
            return values.size() == items.size()
                    ? Optional.of(Collections.unmodifiableSet(values))
                    : mistake(node.place(), path, "a value is listed a second time");
        });
    }

    private Optional<?> choice(Node node, Class<?> type, String path, String key) {
        Map<String, Class<?>> cases = new LinkedHashMap<>();
        for (Class<?> permitted : type.getPermittedSubclasses()) {
            cases.put(kebab(permitted.getSimpleName()), permitted);
        }
        if (!(node instanceof Mapping mapping)) {
            return mistake(
                    node.place(), path, "expected one of %s, found %s".formatted(names(cases.keySet()), node.kind()));
        }
        boolean known = true;
        for (Map.Entry<String, Entry> entry : mapping.entries().entrySet()) {
            if (!cases.containsKey(entry.getKey())) {
                known = false;
                unknown(entry, path, cases.keySet());
            }
        }
        if (!known) {
            return Optional.empty();
        }
        if (mapping.entries().size() != 1) {
            return mistake(
                    mapping.place(),
                    path,
                    "expected exactly one of %s, found %s"
                            .formatted(
                                    names(cases.keySet()),
                                    mapping.entries().isEmpty()
                                            ? "none"
                                            : names(mapping.entries().keySet())));
        }
        Map.Entry<String, Entry> chosen =
                mapping.entries().entrySet().iterator().next();
        return record(
                chosen.getValue().value(), cases.get(chosen.getKey()), YamlReader.below(path, chosen.getKey()), key);
    }

    /** @param key under which the record stands, for {@link NamedByKey} */
    private Optional<?> record(Node node, Class<?> type, String path, String key) {
        RecordComponent[] components = type.getRecordComponents();
        Mapping mapping;
        if (node instanceof Mapping written) {
            mapping = written;
        } else if (isWrittenAlone(node, components)) {
            mapping = new Mapping(node.place(), Map.of(kebab(components[0].getName()), new Entry(node.place(), node)));
        } else {
            return mistake(node.place(), path, "expected a mapping, found %s".formatted(node.kind()));
        }
        Set<String> known = Arrays.stream(components)
                .filter(component -> !component.isAnnotationPresent(NamedByKey.class))
                .map(component -> kebab(component.getName()))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (Map.Entry<String, Entry> entry : mapping.entries().entrySet()) {
            if (!known.contains(entry.getKey())) {
                unknown(entry, path, known);
            }
        }
        @Nullable Object[] values = new Object[components.length];
        boolean complete = true;
        for (int i = 0; i < components.length; i++) {
            Optional<?> value = components[i].isAnnotationPresent(NamedByKey.class)
                    ? Optional.of(key)
                    : component(components[i], mapping, path);
            values[i] = value.orElse(null);
            complete &= value.isPresent();
        }
        return complete ? construct(type, components, values, mapping, path) : Optional.empty();
    }

    /**
     * A component that cannot be bound has its default if it has one: the mistake is noted, and the record can still be
     * checked as a whole.
     */
    private Optional<?> component(RecordComponent component, Mapping mapping, String path) {
        String key = kebab(component.getName());
        String below = YamlReader.below(path, key);
        Entry entry = mapping.entries().get(key);
        if (entry == null) {
            Optional<?> value = missing(component, mapping.place(), below);
            return value.isPresent() ? value : mistake(mapping.place(), path, "the key '%s' is missing".formatted(key));
        }
        if (entry.value() instanceof Nothing) {
            mistake(entry.place(), below, "the key has no value; write one or remove the key");
            return missing(component, mapping.place(), below);
        }
        Optional<?> value = value(entry.value(), component.getGenericType(), below, key);
        boolean replaceable = component.getType() == Optional.class || component.isAnnotationPresent(Default.class);
        return value.isPresent() || !replaceable ? value : missing(component, mapping.place(), below);
    }

    private Optional<?> missing(RecordComponent component, Place place, String path) {
        Class<?> type = component.getType();
        if (type == Optional.class) {
            return Optional.of(Optional.empty());
        }
        Default standard = component.getAnnotation(Default.class);
        if (standard != null && !standard.value().isEmpty()) {
            String value = standard.value();
            return value(new Scalar(place, value, value), component.getGenericType(), path, "");
        }
        if (standard != null) {
            return value(new Mapping(place, Map.of()), component.getGenericType(), path, "");
        }
        if (type == Map.class) {
            return Optional.of(Map.of());
        }
        if (type == List.class) {
            return Optional.of(List.of());
        }
        return type == Set.class ? Optional.of(Set.of()) : Optional.empty();
    }

    private static boolean isWrittenAlone(Node node, RecordComponent[] components) {
        return !(node instanceof Nothing)
                && components.length > 0
                && !components[0].isAnnotationPresent(NamedByKey.class)
                && Arrays.stream(components).skip(1).allMatch(RecordBinder::mayBeMissing);
    }

    private static boolean mayBeMissing(RecordComponent component) {
        return component.isAnnotationPresent(Default.class)
                || List.of(Optional.class, Map.class, List.class, Set.class).contains(component.getType());
    }

    private Optional<?> construct(
            Class<?> type, RecordComponent[] components, @Nullable Object[] values, Mapping mapping, String path) {
        Class<?>[] parameters =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            var constructor = type.getDeclaredConstructor(parameters);
            constructor.setAccessible(true);
            return Optional.of(constructor.newInstance(values));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Checks.RefusedException refused) {
                for (Checks.Problem problem : refused.problems()) {
                    boolean ownName = isNamedByKey(problem.key(), components);
                    mistake(
                            placeOf(problem.key(), mapping, mapping.place()),
                            ownName ? path : YamlReader.below(path, problem.key()),
                            problem.text());
                }
                return Optional.empty();
            }
            if (e.getCause() instanceof IllegalArgumentException refused) {
                return mistake(mapping.place(), path, String.valueOf(refused.getMessage()));
            }
            throw new IllegalStateException("Cannot construct %s at '%s'".formatted(type, path), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot construct %s at '%s'".formatted(type, path), e);
        }
    }

    private static boolean isNamedByKey(String key, RecordComponent[] components) {
        return Arrays.stream(components)
                .anyMatch(component -> component.isAnnotationPresent(NamedByKey.class)
                        && kebab(component.getName()).equals(key));
    }

    /** The place of the key, or of the nearest one above it that is in the file. A key may itself have dots. */
    private static Place placeOf(String keys, Mapping mapping, Place above) {
        Optional<Map.Entry<String, Entry>> found = mapping.entries().entrySet().stream()
                .filter(entry -> keys.equals(entry.getKey()) || keys.startsWith(entry.getKey() + "."))
                .max(Comparator.comparingInt(entry -> entry.getKey().length()));
        if (found.isEmpty()) {
            return above;
        }
        String key = found.get().getKey();
        Entry entry = found.get().getValue();
        return keys.length() > key.length() && entry.value() instanceof Mapping inner
                ? placeOf(keys.substring(key.length() + 1), inner, entry.place())
                : entry.place();
    }

    private void unknown(Map.Entry<String, Entry> entry, String path, Set<String> known) {
        mistake(
                entry.getValue().place(),
                YamlReader.below(path, entry.getKey()),
                "unknown key; known here are %s".formatted(names(known)));
    }

    private <T> Optional<T> mistake(Place place, String path, String problem) {
        mistakes.add(new Mistake(place.line(), place.column(), path, problem));
        return Optional.empty();
    }

    static String kebab(String name) {
        return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    private static String names(Set<String> names) {
        return String.join(", ", names);
    }
}
