package dev.penstock.cli.demo.events;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.data.Mail;
import dev.penstock.data.Mails;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** Mails as a mail server would report them: earlier ones first, later ones, which differ, after them. */
public final class Mailing implements EventSource {
    private static final int MAILBOXES = 50;
    private static final List<String> COUNTRIES = List.of("ie", "us", "de", "fr");

    private final Schema schema = EventSource.schemaNamed("mail-received.avsc");
    private final List<Mail> mails = Mails.stream();

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
            // Spread over the whole set, so that a short run too sees earlier and later mails.
            Mail mail = mails.get(
                    count <= mails.size() ? (int) ((long) index * mails.size() / count) : index % mails.size());
            String id = "mail-%06d".formatted(index);
            events.add(DemoEvent.good(
                    id,
                    mailbox(index),
                    mail(id, index, from.plusMillis(index), mail.text().getBytes(UTF_8)),
                    mail.label()));
        }
        return events;
    }

    @Override
    public List<DemoEvent> broken(Instant at, long seed) {
        byte[] latin = "Gr\u00fc\u00dfe aus K\u00f6ln, und ein sch\u00f6nes Wochenende".getBytes(ISO_8859_1);
        GenericRecord future = mail("mail-future", 2, at.plusSeconds(86_400), "See you tomorrow".getBytes(UTF_8));
        return List.of(
                DemoEvent.broken("mail-latin", mailbox(0), mail("mail-latin", 0, at, latin), "text that is not UTF-8"),
                DemoEvent.broken("mail-empty", mailbox(1), mail("mail-empty", 1, at, new byte[0]), "empty text"),
                DemoEvent.broken("mail-future", mailbox(2), future, "a time far in the future"),
                DemoEvent.raw(
                        "mail-plain", mailbox(3), "Subject: not Avro".getBytes(UTF_8), "bytes that are not Avro"));
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
