package dev.penstock.bench.variants;

import dev.penstock.bench.variants.FlinkMap.Fetches;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Everyone who is measured. Each has the same records to read and the same records to write. */
@SuppressWarnings("ImmutableEnumChecker") // Its lists and suppliers never change; Error Prone cannot know.
public enum Contender {
    PRODUCT("product", "Penstock's inference job, at least once", 1, Jvm.TUNED, () -> new Product("")),
    /** A reader of committed records sees its answers at the next checkpoint; here they count when they are written. */
    PRODUCT_EXACTLY_ONCE(
            "product-exactly-once",
            "Penstock's inference job, exactly once",
            1,
            Jvm.TUNED,
            () -> new Product("delivery: exactly-once")),
    /** What gathering records costs a record that comes alone. */
    PRODUCT_SINGLE(
            "product-single",
            "Penstock's inference job, batches of one",
            1,
            Jvm.TUNED,
            () -> new Product("batching: {rows: 1}")),
    /** Half of the records: those of the topic that it writes to are not its own to read. */
    INGEST(
            "ingest",
            "Ingest, keyed by entity, duplicates of an hour dropped",
            1.0 / 2,
            Jvm.TUNED,
            () -> new IngestHop("entity", "PT1H")),
    INGEST_GATHERED(
            "ingest-gathered",
            "Ingest, keyed by anything, duplicates of an hour dropped",
            1.0 / 2,
            Jvm.TUNED,
            () -> new IngestHop("anything", "PT1H")),
    INGEST_KEEPING(
            "ingest-keeping", "Ingest, duplicates kept", 1.0 / 2, Jvm.TUNED, () -> new IngestHop("entity", "PT0S")),
    CEILING(
            "ceiling",
            "Flink, Avro in and out, no model",
            1,
            Jvm.TUNED,
            () -> new FlinkMap(ConstantPredictor::open, Fetches.LARGE)),
    FLINK_TENSORFLOW(
            "flink-tf",
            "Flink map + TensorFlow Java, defaults",
            1.0 / 16,
            Jvm.DEFAULTS,
            () -> new FlinkMap(TensorFlowPredictor::withDefaults, Fetches.USUAL)),
    FLINK_TENSORFLOW_TUNED(
            "flink-tf-tuned",
            "Flink map + TensorFlow Java, calling thread, no memory check, large fetches",
            1.0 / 4,
            Jvm.TUNED,
            () -> new FlinkMap(TensorFlowPredictor::inCallingThread, Fetches.LARGE)),
    FLINK_ONNX(
            "flink-onnx",
            "Flink map + ONNX Runtime Java, one thread, large fetches",
            1.0 / 4,
            Jvm.TUNED,
            () -> new FlinkMap(OnnxPredictor::open, Fetches.LARGE)),
    STREAMS_TENSORFLOW(
            "streams-tf",
            "Kafka Streams mapValues + TensorFlow Java, defaults",
            1.0 / 16,
            Jvm.DEFAULTS,
            () -> new StreamsMap(TensorFlowPredictor::withDefaults)),
    RAW_TENSORFLOW("raw-tf", "TensorFlow alone, batches of 128, no Kafka", 0, Jvm.TUNED, null);

    private final String label;
    private final String description;
    private final double share;
    private final Jvm jvm;
    private final Optional<Supplier<Approach>> approach;

    /** What is set beside the heap and the collector, which all have in common. */
    private enum Jvm {
        DEFAULTS(List.of()),
        TUNED(List.of("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"));

        private final List<String> options;

        Jvm(List<String> options) {
            this.options = options;
        }
    }

    Contender(String label, String description, double share, Jvm jvm, @Nullable Supplier<Approach> approach) {
        this.label = label;
        this.description = description;
        this.share = share;
        this.jvm = jvm;
        this.approach = Optional.ofNullable(approach);
    }

    /** As on the command line. */
    public String label() {
        return label;
    }

    /** For people. */
    public String description() {
        return description;
    }

    /** Those that are compared by throughput alone. */
    public static List<Contender> inThroughput() {
        return Arrays.stream(values())
                .filter(contender -> contender != PRODUCT_SINGLE && !contender.isIngest())
                .toList();
    }

    /** All who go from requests to predictions. */
    public static List<Contender> inLatency() {
        return Arrays.stream(values())
                .filter(contender -> !contender.isIngest())
                .toList();
    }

    /** Those that write requests, which are measured apart from those that read them. */
    public static List<Contender> inIngest() {
        return Arrays.stream(values()).filter(Contender::isIngest).toList();
    }

    /** Whether it writes requests instead of predictions. */
    public boolean isIngest() {
        return this == INGEST || this == INGEST_GATHERED || this == INGEST_KEEPING;
    }

    /** Whether its answers are in transactions. */
    public boolean isTransactional() {
        return this == PRODUCT_EXACTLY_ONCE || isIngest();
    }

    /** Whether it is the product, however it is set up: it goes between the catalogue's topics. */
    public boolean isProduct() {
        return this == PRODUCT || this == PRODUCT_EXACTLY_ONCE || this == PRODUCT_SINGLE;
    }

    /** The part of a light workload's records that it gets: a slow one would need minutes for all of them. */
    public double share() {
        return share;
    }

    /** Of the process that it runs in. */
    public List<String> jvmOptions() {
        return jvm.options;
    }

    /** How it goes from topic to topic; empty for one that reads none. */
    public Optional<Approach> approach() {
        return approach.map(Supplier::get);
    }

    /** @throws IllegalArgumentException if there is none of that label */
    public static Contender labelled(String label) {
        for (Contender contender : values()) {
            if (contender.label.equals(label)) {
                return contender;
            }
        }
        throw new IllegalArgumentException("Cannot measure '%s': there are %s"
                .formatted(label, Arrays.stream(values()).map(Contender::label).toList()));
    }
}
