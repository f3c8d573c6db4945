package dev.penstock.cli.watching;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Records are JSON unless a person asks for less: the one command whose output is mostly read by other commands. */
final class JsonByDefault implements IDefaultValueProvider {
    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        return argument instanceof OptionSpec option && option.longestName().equals("--output") ? "json" : null;
    }
}
