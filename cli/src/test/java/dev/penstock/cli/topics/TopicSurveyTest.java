package dev.penstock.cli.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicSurveyTest {
    @Test
    void saysHowLongRecordsAreKept() {
        assertThat(TopicSurvey.kept(Map.of("cleanup.policy", "delete", "retention.ms", "604800000")))
                .isEqualTo("7 days");
        assertThat(TopicSurvey.kept(Map.of("cleanup.policy", "delete", "retention.ms", "3600000")))
                .isEqualTo("1 hour");
        assertThat(TopicSurvey.kept(Map.of("cleanup.policy", "delete", "retention.ms", "1500")))
                .isEqualTo("1 s");
        assertThat(TopicSurvey.kept(Map.of("cleanup.policy", "delete", "retention.ms", "-1")))
                .isEqualTo("for ever");
        assertThat(TopicSurvey.kept(Map.of("cleanup.policy", "compact", "retention.ms", "604800000")))
                .isEqualTo("newest of each key");
        assertThat(TopicSurvey.kept(Map.of("cleanup.policy", "compact,delete", "retention.ms", "86400000")))
                .isEqualTo("newest of each key, 1 day");
    }
}
