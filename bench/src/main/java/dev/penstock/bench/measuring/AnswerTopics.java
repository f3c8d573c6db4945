package dev.penstock.bench.measuring;

import dev.penstock.bench.kafka.Platform;
import dev.penstock.bench.variants.Contender;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.topics.Topic;

/** Where each contender writes to. */
final class AnswerTopics {
    private AnswerTopics() {}

    /** The product's own topic, or one like it, made when it is first asked for. */
    static String of(Platform platform, Contender contender, Modality modality) throws InterruptedException {
        if (contender.isIngest()) {
            return Topic.requestsOf(modality).topicName();
        }
        if (contender.isProduct()) {
            return Topic.PREDICTIONS.topicName();
        }
        String topic = "bench.answers." + contender.label();
        platform.createMissingTopic(topic, Topic.PREDICTIONS);
        return topic;
    }
}
