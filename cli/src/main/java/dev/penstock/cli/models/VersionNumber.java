package dev.penstock.cli.models;

import dev.penstock.schemas.ModelVersion;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Which number a version is given. */
sealed interface VersionNumber {
    /** One above the highest that is published. */
    record Next() implements VersionNumber {}

    record Exactly(int number) implements VersionNumber {}

    final class Converter implements ITypeConverter<VersionNumber> {
        private static final int LONGEST = 9;

        @Override
        public VersionNumber convert(String text) {
            if (text.equals("next")) {
                return new Next();
            }
            if (!text.matches("[1-9]\\d*") || text.length() > LONGEST) {
                throw new TypeConversionException(
                        "'%s' is not a version; use a number from 1, or 'next'".formatted(text));
            }
            return new Exactly(Integer.parseInt(text));
        }
    }

    /** @param published of any model */
    default int of(String model, List<ModelVersion> published) {
        if (this instanceof Exactly exactly) {
            return exactly.number();
        }
        return published.stream()
                        .filter(version -> version.getModel().equals(model))
                        .mapToInt(ModelVersion::getVersion)
                        .max()
                        .orElse(0)
                + 1;
    }
}
