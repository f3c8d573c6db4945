/** What the demo's producers send: {@link dev.penstock.cli.demo.events.EventSource}. */
@NullMarked
package dev.penstock.cli.demo.events;

import org.jspecify.annotations.NullMarked;
