package dev.penstock.cli.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.penstock.cli.demo.story.Counts;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What became of one model, as JSON has it.
 *
 * @param champion the version that serves at the end
 * @param secondsFromFirstLabelToChampion until the first retrained version served everybody; null if none does
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ModelStory(
        String model, int champion, @Nullable Double secondsFromFirstLabelToChampion, List<VersionStory> versions) {
    ModelStory {
        versions = List.copyOf(versions);
    }

    Optional<VersionStory> version(int number) {
        return versions.stream().filter(each -> each.version() == number).findFirst();
    }

    /**
     * One version.
     *
     * @param parent the version that it was trained from
     * @param refusedBecause what its gates found
     * @param answered requests whose truth is known
     * @param accuracyServed of those answers; of other events than other versions met
     * @param sameEvents on the events that were kept back, the same for all versions
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record VersionStory(
            int version,
            String publishedBy,
            @Nullable Integer parent,
            List<String> refusedBecause,
            List<Stage> stages,
            int answered,
            @Nullable Double accuracyServed,
            @Nullable Double accuracyAsShadow,
            Exam sameEvents) {
        VersionStory {
            refusedBecause = List.copyOf(refusedBecause);
            stages = List.copyOf(stages);
        }
    }

    /**
     * A stage that it came to.
     *
     * @param seconds since the start of the process
     */
    record Stage(String stage, double share, double seconds, String because, String actor) {}

    /**
     * How it decided events that nobody was told the truth of.
     *
     * @param recall of the label that is looked for, where there are two
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Exam(
            int events,
            @Nullable Double accuracy,
            @Nullable Double recall,
            @Nullable Double precision) {
        /** @param positive empty where there are more than two labels */
        static Exam of(Counts counts, Optional<String> positive) {
            return new Exam(
                    counts.decided() + counts.abstained(),
                    orNull(counts.accuracy()),
                    positive.map(counts::recall).map(Exam::orNull).orElse(null),
                    positive.map(counts::precision).map(Exam::orNull).orElse(null));
        }

        private static @Nullable Double orNull(OptionalDouble value) {
            return value.isPresent() ? value.getAsDouble() : null;
        }
    }
}
