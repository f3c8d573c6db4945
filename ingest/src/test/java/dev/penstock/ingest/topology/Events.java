package dev.penstock.ingest.topology;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;

/** Events of made-up producers. */
final class Events {
    static final Schema MAIL = SchemaBuilder.record("Mail")
            .namespace("test")
            .fields()
            .requiredString("id")
            .requiredString("sender")
            .optionalString("body")
            .endRecord();

    static final Schema SCAN = SchemaBuilder.record("Scan")
            .namespace("test")
            .fields()
            .requiredString("id")
            .requiredString("device")
            .requiredBytes("content")
            .requiredString("mime")
            .endRecord();

    static final Schema PAYMENT = SchemaBuilder.record("Payment")
            .namespace("test")
            .fields()
            .requiredString("id")
            .requiredString("card")
            .requiredDouble("amount")
            .name("embedding")
            .type()
            .array()
            .items()
            .floatType()
            .noDefault()
            .requiredLong("at")
            .endRecord();

    private Events() {}

    static GenericRecord mail(String id, String sender, String body) {
        GenericRecord mail = new GenericData.Record(MAIL);
        mail.put("id", new Utf8(id));
        mail.put("sender", new Utf8(sender));
        mail.put("body", body == null ? null : new Utf8(body));
        return mail;
    }

    static GenericRecord mail(String id) {
        return mail(id, "sender-of-" + id, "Hello");
    }

    static GenericRecord scan(String id, byte[] content) {
        GenericRecord scan = new GenericData.Record(SCAN);
        scan.put("id", new Utf8(id));
        scan.put("device", new Utf8("device"));
        scan.put("content", ByteBuffer.wrap(content));
        scan.put("mime", new Utf8("image/png"));
        return scan;
    }

    static GenericRecord payment(String id, double amount, List<Float> embedding, long at) {
        GenericRecord payment = new GenericData.Record(PAYMENT);
        payment.put("id", new Utf8(id));
        payment.put("card", new Utf8("card"));
        payment.put("amount", amount);
        payment.put("embedding", embedding);
        payment.put("at", at);
        return payment;
    }
}
