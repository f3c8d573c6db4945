package dev.penstock.schemas.configuration;

import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Values that are written as one piece of text. */
final class TextValue {
    private static final Map<Class<?>, Function<String, ?>> PARSERS = Map.of(
            String.class, TextValue::text,
            int.class, text -> number(text, Integer::valueOf, "whole number"),
            short.class, text -> number(text, Short::valueOf, "whole number up to 32,767"),
            long.class, text -> number(text, Long::valueOf, "whole number"),
            double.class, text -> number(text, Double::valueOf, "number"),
            boolean.class, TextValue::truth,
            Duration.class, TextValue::duration,
            URI.class, URI::create,
            Path.class, Path::of);

    private TextValue() {}

    /** Whether it is one of ours, an enum, or has a static {@code parse(String)}. */
    static boolean reads(Class<?> type) {
        return PARSERS.containsKey(unboxed(type))
                || type.isEnum()
                || parseMethod(type).isPresent();
    }

    /** @throws IllegalArgumentException saying what is wrong with the text */
    static Object parse(String text, Class<?> type) {
        Function<String, ?> parser = PARSERS.get(unboxed(type));
        if (parser != null) {
            return parser.apply(text);
        }
        return type.isEnum() ? constant(text, type) : parsed(text, type);
    }

    private static Class<?> unboxed(Class<?> type) {
        return MethodType.methodType(type).unwrap().returnType();
    }

    private static String text(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("the value is empty; write one or remove the key");
        }
        return text;
    }

    private static <N> N number(String text, Function<String, N> parser, String kind) {
        try {
            return parser.apply(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'%s' is not a %s".formatted(text, kind), e);
        }
    }

    private static Boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'%s' is not true or false".formatted(text));
        };
    }

    private static Duration duration(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "'%s' is not a duration; write it like PT30S, PT5M, PT1H or P7D".formatted(text), e);
        }
    }

    private static Object constant(String text, Class<?> type) {
        // UNKNOWN is what readers of Avro fall back to, never something to write.
        List<Enum<?>> constants = Arrays.stream(type.getEnumConstants())
                .<Enum<?>>map(constant -> (Enum<?>) constant)
                .filter(constant -> !constant.name().equals("UNKNOWN"))
                .toList();
        return constants.stream()
                .filter(constant -> written(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'%s' is not one of %s"
                        .formatted(
                                text,
                                String.join(
                                        ", ",
                                        constants.stream()
                                                .map(TextValue::written)
                                                .toList()))));
    }

    /** As it stands in files: kebab-case. */
    static String written(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Object parsed(String text, Class<?> type) {
        Method method = parseMethod(type).orElseThrow();
        try {
            return method.invoke(null, text);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new IllegalStateException("Cannot parse %s".formatted(type), e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("Cannot call %s: make it and its class public".formatted(method), e);
        }
    }

    private static Optional<Method> parseMethod(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> method.getName().equals("parse"))
                .filter(method -> Modifier.isStatic(method.getModifiers()))
                .filter(method -> Arrays.equals(method.getParameterTypes(), new Class<?>[] {String.class}))
                .findFirst();
    }
}
