package dev.penstock.cli.demo.events;

import dev.penstock.data.Transaction;
import dev.penstock.data.Transactions;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.InferenceRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** Card payments as a card processor would report them. */
public final class Paying implements EventSource {
    /** A smaller world than the handbook's: as many frauds a day, among fewer payments. */
    private static final int CUSTOMERS = 500;

    private static final int TERMINALS = 1_000;
    /** Days before the stream begins: the longest window, its delay, and what a first model learns from. */
    private static final int HISTORY_DAYS = 44;

    /** The last of those, which a first model learns from. */
    private static final int BOOTSTRAP_DAYS = 7;

    private static final String PIPELINE = "fraud";
    private static final int PAYMENTS_A_DAY = 2 * CUSTOMERS;
    private static final int UNREGISTERED_SCHEMA = 1_000_000;

    private final RunNumber run;
    private final Schema schema = EventSource.schemaNamed("payment-authorised.avsc");

    public Paying(RunNumber run) {
        this.run = run;
    }

    /** What happened before the stream begins, in order. */
    public static List<Transaction> history(long seed) {
        return Transactions.generate(seed, CUSTOMERS, TERMINALS, HISTORY_DAYS).toList();
    }

    /** Whether a first model learns from the payment: it is one of the last days before the stream begins. */
    public static boolean isBootstrap(Transaction payment) {
        return !payment.time().isBefore(day(HISTORY_DAYS - BOOTSTRAP_DAYS));
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
        int days = HISTORY_DAYS + 2 + count / PAYMENTS_A_DAY;
        Instant streamStart = day(HISTORY_DAYS);
        return Transactions.generate(seed, CUSTOMERS, TERMINALS, days)
                .filter(payment -> !payment.time().isBefore(streamStart))
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

    /** None: what is known of a payment depends on those before it, so that it cannot be kept back. */
    @Override
    public List<LabelledPayload> keptBack() {
        return List.of();
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

    private static Instant day(int number) {
        return Transactions.START.plus(Duration.ofDays(number));
    }

    private static String key(long customer) {
        return "customer-" + customer;
    }
}
