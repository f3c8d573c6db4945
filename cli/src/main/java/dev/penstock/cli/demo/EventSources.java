package dev.penstock.cli.demo;

import dev.penstock.cli.demo.events.Calling;
import dev.penstock.cli.demo.events.EventSource;
import dev.penstock.cli.demo.events.Mailing;
import dev.penstock.cli.demo.events.Paying;
import dev.penstock.cli.demo.events.RunNumber;
import dev.penstock.cli.demo.events.Scanning;
import java.util.List;

/** The four kinds of events that the demo has. */
final class EventSources {
    private EventSources() {}

    static List<EventSource> of(RunNumber run) {
        return List.of(
                new Mailing(run), new Scanning(run), new Calling(Bootstrap.PROMPTS_LEARNED, run), new Paying(run));
    }
}
