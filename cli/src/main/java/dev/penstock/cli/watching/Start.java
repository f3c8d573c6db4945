package dev.penstock.cli.watching;

import dev.penstock.cli.output.CommandException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** Where in a topic reading begins. */
sealed interface Start {
    /**
     * The offset of the first record to read, by partition; partitions that are not in it are not read.
     *
     * @param partitions all of the topic's
     */
    Map<TopicPartition, Long> offsets(Consumer<?, ?> consumer, List<TopicPartition> partitions);

    /** With the next record that is written. */
    record Now() implements Start {
        @Override
        public Map<TopicPartition, Long> offsets(Consumer<?, ?> consumer, List<TopicPartition> partitions) {
            return consumer.endOffsets(partitions);
        }
    }

    /** With the oldest record that is kept. */
    record Beginning() implements Start {
        @Override
        public Map<TopicPartition, Long> offsets(Consumer<?, ?> consumer, List<TopicPartition> partitions) {
            return consumer.beginningOffsets(partitions);
        }
    }

    /** With these records, and in their partitions alone. */
    record At(List<PartitionOffset> places) implements Start {
        public At {
            places = List.copyOf(places);
        }

        @Override
        public Map<TopicPartition, Long> offsets(Consumer<?, ?> consumer, List<TopicPartition> partitions) {
            Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions);
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
            Map<TopicPartition, Long> offsets = new HashMap<>();
            for (PartitionOffset place : places) {
                TopicPartition partition = named(place, partitions);
                if (place.offset() < first.get(partition) || place.offset() > end.get(partition)) {
                    throw CommandException.misused(
                            "Cannot watch from %s: partition %d has offsets from %d, and the next record will be %d"
                                    .formatted(place, place.partition(), first.get(partition), end.get(partition)),
                            "Name one of these, or use --from-beginning.");
                }
                offsets.put(partition, place.offset());
            }
            return offsets;
        }

        private static TopicPartition named(PartitionOffset place, Collection<TopicPartition> partitions) {
            return partitions.stream()
                    .filter(partition -> partition.partition() == place.partition())
                    .findFirst()
                    .orElseThrow(() -> CommandException.misused(
                            "Cannot watch from %s: the topic has %d partitions".formatted(place, partitions.size()),
                            "Partitions count from 0: name one below %d.".formatted(partitions.size())));
        }
    }
}
