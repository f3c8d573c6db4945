package dev.penstock.cli.demo;

import dev.penstock.cli.demo.events.DemoEvent;
import dev.penstock.cli.demo.events.EventSource;
import dev.penstock.schemas.Modality;
import java.util.List;
import java.util.Optional;

/**
 * One pipeline of the demo while it runs.
 *
 * @param rareLabel the label that accuracy would hide, if there is one
 * @param distinct how many different inputs the good events have
 * @param perSecond events that are sent
 */
record DemoPipeline(
        String name,
        Modality modality,
        EventSource source,
        Optional<String> rareLabel,
        List<DemoEvent> events,
        int distinct,
        double perSecond,
        Ledger ledger) {}
