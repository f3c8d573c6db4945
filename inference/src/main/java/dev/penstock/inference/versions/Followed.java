package dev.penstock.inference.versions;

import dev.penstock.models.transit.TopicFollower;
import java.io.Serializable;

/**
 * Where a task hears of versions, or of rollouts. Kafka is the broadcast: every task follows the whole topic, which is
 * small, and needs no state for it. A second input of the operator would cost requests a hop between two tasks: Flink
 * 2.3 chains an operator with the source of one input, and loses the state of sources that are chained to several.
 *
 * @param <T> what is heard of
 */
public interface Followed<T> extends Serializable {
    /**
     * Tells of everything that there is, and then of whatever comes, until closed.
     *
     * @param listener told on another thread; told again of what it knows after a fault
     */
    AutoCloseable follow(TopicFollower.Listener<T> listener);
}
