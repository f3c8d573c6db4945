package dev.penstock.cli.watching;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A place in a topic, written {@code PARTITION:OFFSET}. */
public record PartitionOffset(int partition, long offset) {
    private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9}):(\\d{1,18})");

    /** Reads it from the command line. */
    public static final class Converter implements ITypeConverter<PartitionOffset> {
        @Override
        public PartitionOffset convert(String text) {
            Matcher written = WRITTEN.matcher(text);
            if (!written.matches()) {
                throw new TypeConversionException(
                        "'%s' is not a partition and an offset; write them like 0:1500".formatted(text));
            }
            return new PartitionOffset(Integer.parseInt(written.group(1)), Long.parseLong(written.group(2)));
        }
    }

    @Override
    public String toString() {
        return partition + ":" + offset;
    }
}
