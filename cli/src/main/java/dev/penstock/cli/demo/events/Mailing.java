package dev.penstock.cli.demo.events;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.data.Mail;
import dev.penstock.data.Mails;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.schemas.TextPayload;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/**
 * Mails as a mail server would report them: later ones, which differ from those that a first model learned from. One in
 * {@value #KEPT_BACK} is kept back.
 */
public final class Mailing implements EventSource {
    /** Enough that one in a hundred is some. */
    private static final int MAILBOXES = 1_000;

    private static final int KEPT_BACK = 5;
    private static final List<String> COUNTRIES = List.of("ie", "us", "de", "fr");

    private final Schema schema = EventSource.schemaNamed("mail-received.avsc");
    private final RunNumber run;
    private final List<Mail> mails;
    private final List<Mail> keptBack;

    public Mailing(RunNumber run) {
        this.run = run;
        List<Mail> later = Mails.stream().stream()
                .filter(mail -> mail.period() == Mail.Period.LATER)
                .toList();
        keptBack = EveryNth.of(later, KEPT_BACK);
        mails = EveryNth.others(later, KEPT_BACK);
    }

    @Override
    public String pipeline() {
        return "spam";
    }

    @Override
    public String topic() {
        return "mail.received";
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public int distinct(int count) {
        return Math.min(count, mails.size());
    }

    @Override
    public List<DemoEvent> good(int count, Instant from, long seed) {
        List<DemoEvent> events = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            Mail mail = mails.get(index % mails.size());
            String id = run.id("mail-%06d".formatted(index));
            events.add(DemoEvent.good(
                    id,
                    mailbox(index),
                    mail(id, index, from.plusMillis(index), mail.text().getBytes(UTF_8)),
                    mail.label()));
        }
        return events;
    }

    @Override
    public List<LabelledPayload> keptBack() {
        return keptBack.stream()
                .map(mail -> new LabelledPayload(new TextPayload(mail.text()), mail.label()))
                .toList();
    }

    @Override
    public List<DemoEvent> broken(Instant at, long seed) {
        byte[] latin = "Gr\u00fc\u00dfe aus K\u00f6ln, und ein sch\u00f6nes Wochenende".getBytes(ISO_8859_1);
        Instant tomorrow = at.plusSeconds(86_400);
        return List.of(
                broken("mail-latin", 0, at, latin, "text that is not UTF-8"),
                broken("mail-empty", 1, at, new byte[0], "empty text"),
                broken("mail-future", 2, tomorrow, "See you tomorrow".getBytes(UTF_8), "a time far in the future"),
                DemoEvent.raw(
                        run.id("mail-plain"),
                        mailbox(3),
                        "Subject: not Avro".getBytes(UTF_8),
                        "bytes that are not Avro"));
    }

    private DemoEvent broken(String name, int number, Instant received, byte[] body, String fault) {
        String id = run.id(name);
        return DemoEvent.broken(id, mailbox(number), mail(id, number, received, body), fault);
    }

    private GenericRecord mail(String id, int number, Instant received, byte[] body) {
        Schema envelope = schema.getField("envelope").schema();
        return new GenericRecordBuilder(schema)
                .set("message_id", id)
                .set("received_at", received.toEpochMilli())
                .set(
                        "envelope",
                        new GenericRecordBuilder(envelope)
                                .set("mailbox", mailbox(number))
                                .set("country", COUNTRIES.get(number % COUNTRIES.size()))
                                .build())
                .set("body", ByteBuffer.wrap(body))
                .build();
    }

    private static String mailbox(int number) {
        return "mailbox-" + number % MAILBOXES;
    }
}
