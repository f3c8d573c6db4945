package dev.penstock.bench.measuring;

import dev.penstock.bench.kafka.AnswerListener;
import dev.penstock.bench.kafka.Platform;
import dev.penstock.bench.kafka.Requests;
import dev.penstock.schemas.InferenceRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;

/**
 * Sends at a steady rate whatever comes back, and measures each request from the moment when it should have been sent:
 * a pipeline that stalls delays all that were due in the meantime, and is not spared them ("coordinated omission", Tene
 * 2013).
 */
final class OpenLoop {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Platform platform;
    private final Requests requests;
    private final AnswerListener.Depth depth;

    OpenLoop(Platform platform, Requests requests, AnswerListener.Depth depth) {
        this.depth = depth;
        this.platform = platform;
        this.requests = requests;
    }

    /**
     * What became of each request.
     *
     * @param due when each should have been sent, by {@link System#nanoTime}, and {@code answered}, 0 where it was not
     */
    @SuppressWarnings("ArrayRecordComponent") // Hundreds of thousands of numbers, read by this package alone.
    record Course(long[] due, long[] answered, int[] versions, int doubled) {
        int lost() {
            int lost = 0;
            for (long time : answered) {
                lost += time == 0 ? 1 : 0;
            }
            return lost;
        }

        /** Of the requests that were due from one moment up to another; those never answered count as endless. */
        Latency latency(long from, long to) {
            long[] latencies = new long[due.length];
            int count = 0;
            for (int number = 0; number < due.length; number++) {
                if (due[number] >= from && due[number] < to) {
                    latencies[count++] = answered[number] == 0 ? Long.MAX_VALUE : answered[number] - due[number];
                }
            }
            return Latency.of(latencies, count);
        }
    }

    /**
     * @param perSecond requests
     * @param time as long as they are sent
     */
    Course run(String requestTopic, String answerTopic, double perSecond, Duration time) throws InterruptedException {
        return run(requestTopic, answerTopic, perSecond, time, () -> false);
    }

    /**
     * @param perSecond requests
     * @param atMost as long as they are sent if it is never enough
     */
    @SuppressWarnings("FutureReturnValueIgnored") // A request that is not sent is not answered, and counts as lost.
    Course run(String requestTopic, String answerTopic, double perSecond, Duration atMost, BooleanSupplier enough)
            throws InterruptedException {
        int most = Math.max(1, (int) (perSecond * atMost.toNanos() / 1e9));
        long[] due = new long[most];
        try (AnswerListener listener = new AnswerListener(platform, answerTopic, most, depth);
                KafkaProducer<String, InferenceRequest> producer = platform.promptProducer()) {
            producer.partitionsFor(requestTopic);
            long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
            int count = 0;
            while (count < most && !enough.getAsBoolean()) {
                due[count] = start + (long) (count * 1e9 / perSecond);
                waitUntil(due[count]);
                producer.send(requests.record(requestTopic, count));
                count++;
            }
            producer.flush();
            await(listener, count);
            return course(Arrays.copyOf(due, count), listener);
        }
    }

    private static void waitUntil(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Until all are answered: who is slow answers on, and only who stands still has lost what is missing. */
    private static void await(AnswerListener listener, int count) throws InterruptedException {
        long before = listener.received();
        long progressed = System.nanoTime();
        while (before < count && System.nanoTime() - progressed < PATIENCE.toNanos()) {
            Thread.sleep(20);
            long received = listener.received();
            if (received > before) {
                before = received;
                progressed = System.nanoTime();
            }
        }
        // A repeat may still be on its way.
        Thread.sleep(200);
    }

    private static Course course(long[] due, AnswerListener listener) {
        long[] answered = new long[due.length];
        int[] versions = new int[due.length];
        int doubled = 0;
        for (int number = 0; number < due.length; number++) {
            answered[number] = listener.arrival(number);
            versions[number] = listener.version(number);
            doubled += listener.count(number) > 1 ? 1 : 0;
        }
        return new Course(due, answered, versions, doubled);
    }
}
