package dev.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.penstock.schemas.AlertCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;

/** Holds deploy/runbook to the codes of alerts, to the rules of deploy/monitoring, and to what the command understands. */
class RunbookTest {
    private static final Path RUNBOOK = Path.of("..", "deploy", "runbook");
    private static final Path RULES = Path.of("..", "deploy", "monitoring", "alerts.yml");

    private static final Pattern RULE = Pattern.compile(
            "- alert: (\\w+).*?severity: (\\w+).*?runbook: deploy/runbook/([\\w-]+)\\.md", Pattern.DOTALL);
    private static final Pattern BLOCK = Pattern.compile("```sh\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern INLINE = Pattern.compile("`(penstock [^`]+)`");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    private static final Pattern LINK = Pattern.compile("\\]\\(([\\w-]+\\.md)\\)");

    @ParameterizedTest
    @EnumSource
    void everyCodeHasAPageThatTheTableNames(AlertCode code) {
        String page = code.name().toLowerCase(Locale.ROOT).replace('_', '-');

        assertThat(title(page)).contains(code.name());
        assertThat(read(RUNBOOK.resolve("README.md"))).contains("| `%s` | [%s](%s.md) |".formatted(code, page, page));
    }

    @Test
    void everyRuleHasAPageThatTheTableNames() {
        Map<String, String> rules = rules();

        assertThat(rules).hasSize(read(RULES).split("- alert: ", -1).length - 1).hasSizeGreaterThan(20);
        assertThat(rules).allSatisfy((rule, page) -> {
            assertThat(title(page)).contains(rule);
            assertThat(read(RUNBOOK.resolve("README.md")))
                    .containsPattern("\\| `%s` \\| (page|ticket) \\| \\[%s\\]\\(%s\\.md\\) \\|"
                            .formatted(rule, Pattern.quote(page), Pattern.quote(page)));
        });
    }

    @Test
    void noPageIsAboutNothing() {
        TreeSet<String> named = new TreeSet<>(rules().values());
        Arrays.stream(AlertCode.values())
                .map(code -> code.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .forEach(named::add);

        assertThat(pages().map(page -> page.replace(".md", ""))).containsExactlyInAnyOrderElementsOf(named);
    }

    static Stream<String> pages() {
        try (Stream<Path> files = Files.list(RUNBOOK)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".md") && !file.equals("README.md"))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void saysWhereToLookWhatToDoAndWhenItIsOver(String page) {
        assertThat(read(RUNBOOK.resolve(page)).lines())
                .containsSubsequence("## Look first", "## What to do", "| you see | do |", "## Over");
        assertThat(links(page))
                .allSatisfy(link -> assertThat(RUNBOOK.resolve(link)).exists());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void namesOnlyCommandsThatThereAre(String page) {
        String text = read(RUNBOOK.resolve(page));

        assertThat(inBlocks(text)).as("where to look first").isNotEmpty().allSatisfy(RunbookTest::parse);
        assertThat(inSentences(text)).allSatisfy(RunbookTest::parseBeginning);
    }

    @Test
    void aCommandThatThereIsNotIsFound() {
        for (String wrong :
                List.of("penstock rollout undo spam", "penstock doctor --flunk http://x", "penstock alerts")) {
            assertThatExceptionOfType(ParameterException.class).isThrownBy(() -> parse(wrong));
        }
    }

    /** As the command would; what a sentence names may leave out what follows. */
    private static void parse(String command) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command.substring("penstock ".length()));
        while (matcher.find()) {
            words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        }
        Main.commandLine().parseArgs(words.toArray(String[]::new));
    }

    private static void parseBeginning(String command) {
        try {
            parse(command);
        } catch (MissingParameterException e) {
            // What is there was understood.
            assertThat(e.getMissing()).isNotEmpty();
        }
    }

    private static List<String> inBlocks(String page) {
        return BLOCK.matcher(page)
                .results()
                .flatMap(block -> block.group(1).lines())
                .filter(line -> line.startsWith("penstock "))
                .toList();
    }

    private static List<String> inSentences(String page) {
        return INLINE.matcher(page).results().map(inline -> inline.group(1)).toList();
    }

    private static Map<String, String> rules() {
        Map<String, String> rules = new TreeMap<>();
        RULE.matcher(read(RULES)).results().forEach(rule -> rules.put(rule.group(1), rule.group(3)));
        return rules;
    }

    private static List<String> links(String page) {
        return LINK.matcher(read(RUNBOOK.resolve(page)))
                .results()
                .map((MatchResult link) -> link.group(1))
                .toList();
    }

    private static String title(String page) {
        return read(RUNBOOK.resolve(page + ".md")).lines().findFirst().orElse("");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
