package dev.penstock.bench.workloads;

import dev.penstock.data.Mail;
import dev.penstock.data.Mails;
import dev.penstock.models.architectures.Architecture;
import dev.penstock.models.architectures.TextClassifier;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.TextPayload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The transformer over real mails, whose lengths are what they are: 20 to 1,200 characters. */
final class TextNetwork implements Workload {
    private static final Architecture NETWORK = new TextClassifier(Mails.LABELS, TextClassifier.Size.usual());

    @Override
    public String name() {
        return "text";
    }

    @Override
    public String description() {
        return NETWORK.description() + "; mails of 20 to 1,200 characters";
    }

    @Override
    public Modality modality() {
        return Modality.TEXT;
    }

    @Override
    public Weight weight() {
        return Weight.HEAVY;
    }

    @Override
    public List<Object> payloads() {
        return Mails.bootstrap().stream()
                .map(Mail::text)
                .<Object>map(TextPayload::new)
                .toList();
    }

    @Override
    public Bundle build(Path directory) throws IOException {
        return TrainedNetwork.build(name(), NETWORK, payloads(), directory);
    }
}
