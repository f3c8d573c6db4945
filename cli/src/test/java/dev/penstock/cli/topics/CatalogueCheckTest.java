package dev.penstock.cli.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.topics.Topic;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CatalogueCheckTest {
    @Test
    void findsNothingWrongWithATopicThatThePlatformCreated() {
        for (Topic topic : Topic.values()) {
            assertThat(CatalogueCheck.settings(topic, topic.settings())).isEmpty();
        }
    }

    @Test
    void namesEachSettingThatIsAnother() {
        Map<String, String> settings = new HashMap<>(Topic.REQUESTS_IMAGE.settings());
        settings.put("retention.ms", "1000");
        settings.remove("max.message.bytes");

        assertThat(CatalogueCheck.settings(Topic.REQUESTS_IMAGE, settings))
                .containsExactly(
                        "max.message.bytes is null instead of 10485760", "retention.ms is 1000 instead of 604800000");
    }
}
