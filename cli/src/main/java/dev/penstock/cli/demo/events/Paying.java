package dev.penstock.cli.demo.events;

import dev.penstock.data.Transaction;
import dev.penstock.data.Transactions;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.features.RollingFeatures;
import dev.penstock.models.features.RollingMemory;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.pipelines.Rolling;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** Card payments as a card processor would report them. */
public final class Paying implements EventSource {
    /** Who says what became of payments. */
    public static final String CHARGEBACKS = "chargebacks";

    private static final String PIPELINE = "fraud";
    private static final int UNREGISTERED_SCHEMA = 1_000_000;

    private final RunNumber run;
    private final PaymentDays days;
    private final Collection<Rolling> rolling;
    private final Schema schema = EventSource.schemaNamed("payment-authorised.avsc");

    /** @param rolling what a model of payments sees of those before */
    public Paying(RunNumber run, PaymentDays days, Collection<Rolling> rolling) {
        this.run = run;
        this.days = days;
        this.rolling = List.copyOf(rolling);
    }

    /** The payment as ingest makes a request of it. */
    public static InferenceRequest request(Transaction payment) {
        LocalDateTime local = LocalDateTime.ofInstant(payment.time(), ZoneOffset.UTC);
        return InferenceRequest.newBuilder()
                .setRequestId(Long.toString(payment.id()))
                .setPipeline(PIPELINE)
                .setEntityId(Integer.toString(payment.customer()))
                .setEventTime(payment.time())
                .setPayload(new FeaturesPayload(
                        Map.of(
                                "amount", payment.amount(),
                                "hour", (double) local.getHour(),
                                "weekday", (double) local.getDayOfWeek().getValue()),
                        Map.of("terminal", Integer.toString(payment.terminal()))))
                .build();
    }

    /**
     * Payments as the job would score them, with what it would know of the past by then.
     *
     * @param payments in order, also those that are not asked for
     * @param wanted picks those to return
     */
    public static List<LabelledPayload> labelled(
            List<Transaction> payments, Collection<Rolling> rolling, Predicate<Transaction> wanted) {
        return examples(payments, rolling, wanted).stream()
                .map(Paying::labelled)
                .toList();
    }

    /** As a model sees it: what the payment says itself, and what is known of the past. */
    public static LabelledPayload labelled(LabelledExample example) {
        return new LabelledPayload(
                RollingFeatures.addTo(example.getPayload(), example.getFeatures()), example.getLabel());
    }

    /** The same, with what is known of the past beside what the payments say themselves. */
    public static List<LabelledExample> examples(
            List<Transaction> payments, Collection<Rolling> rolling, Predicate<Transaction> wanted) {
        RollingMemory memory = new RollingMemory(rolling);
        List<LabelledExample> examples = new ArrayList<>();
        for (Transaction payment : payments) {
            InferenceRequest request = request(payment);
            Map<String, Double> features = memory.observe(request);
            // Known at once, but no feature looks at a label before its delay is over.
            if (payment.fraud()) {
                memory.label(request, payment.label());
            }
            if (wanted.test(payment)) {
                examples.add(LabelledExample.newBuilder()
                        .setRequestId(request.getRequestId())
                        .setPipeline(PIPELINE)
                        .setModel(PIPELINE)
                        .setEntityId(request.getEntityId())
                        .setEventTime(request.getEventTime())
                        .setPayload(request.getPayload())
                        .setFeatures(features)
                        .setLabel(payment.label())
                        .setSource(FeedbackSource.OUTCOME)
                        .setSaidBy(CHARGEBACKS)
                        .setSaidAt(payment.time())
                        .setLabelledAt(payment.time())
                        .build());
            }
        }
        return examples;
    }

    @Override
    public String pipeline() {
        return PIPELINE;
    }

    @Override
    public String topic() {
        return "payments.authorised";
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public int distinct(int count) {
        return count;
    }

    @Override
    public List<DemoEvent> good(int count, Instant from, long seed) {
        return days.streamed()
                .limit(count)
                .map(payment -> DemoEvent.good(
                        Long.toString(run.id(payment.id())),
                        key(payment.customer()),
                        payment(
                                run.id(payment.id()),
                                payment.time(),
                                payment.customer(),
                                payment.terminal(),
                                payment.amount()),
                        payment.label()))
                .toList();
    }

    /** Of the week after the last that is sent. Takes seconds: all that happened before is gone through. */
    @Override
    public List<LabelledPayload> keptBack() {
        return labelled(days.all(), rolling, days::isLater);
    }

    @Override
    public List<DemoEvent> broken(Instant at, long seed) {
        long id = run.id(9_000_000_000L);
        GenericRecord nothing = payment(id + 1, Transactions.START, 1, 1, 0);
        nothing.put("amount", null);
        byte[] unknownSchema = ByteBuffer.allocate(16)
                .put((byte) 0)
                .putInt(UNREGISTERED_SCHEMA)
                .array();
        return List.of(
                DemoEvent.broken(
                        Long.toString(id),
                        key(0),
                        payment(id, Transactions.START, 0, 0, Double.NaN),
                        "an amount that is NaN"),
                DemoEvent.broken(Long.toString(id + 1), key(1), nothing, "no amount"),
                DemoEvent.raw(Long.toString(id + 2), key(2), unknownSchema, "a schema id that nobody registered"));
    }

    private GenericRecord payment(long id, Instant at, long customer, long terminal, double amount) {
        LocalDateTime local = LocalDateTime.ofInstant(at, ZoneOffset.UTC);
        return new GenericRecordBuilder(schema)
                .set("transaction", id)
                .set("at", at.getEpochSecond() * 1_000_000)
                .set(
                        "card",
                        new GenericRecordBuilder(schema.getField("card").schema())
                                .set("customer", customer)
                                .build())
                .set("terminal", terminal)
                .set("amount", amount)
                .set(
                        "local_time",
                        new GenericRecordBuilder(schema.getField("local_time").schema())
                                .set("hour", local.getHour())
                                .set("weekday", local.getDayOfWeek().getValue())
                                .build())
                .build();
    }

    private static String key(long customer) {
        return "customer-" + customer;
    }
}
