package dev.penstock.cli.demo;

import dev.penstock.cli.demo.events.Calling;
import dev.penstock.cli.demo.events.EventSource;
import dev.penstock.cli.demo.events.Mailing;
import dev.penstock.cli.demo.events.Paying;
import dev.penstock.cli.demo.events.PaymentDays;
import dev.penstock.cli.demo.events.RunNumber;
import dev.penstock.cli.demo.events.Scanning;
import dev.penstock.schemas.pipelines.Rolling;
import java.util.Collection;
import java.util.List;

/** The four kinds of events that the demo has. */
final class EventSources {
    private EventSources() {}

    /** @param rolling what a model of payments sees of those before */
    static List<EventSource> of(RunNumber run, PaymentDays days, Collection<Rolling> rolling) {
        return List.of(
                new Mailing(run),
                new Scanning(run),
                new Calling(Bootstrap.PROMPTS_LEARNED, run),
                new Paying(run, days, rolling));
    }
}
