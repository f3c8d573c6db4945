/** What a run saw, as Markdown and as JSON: {@link dev.penstock.chaos.report.Report}. */
@NullMarked
package dev.penstock.chaos.report;

import org.jspecify.annotations.NullMarked;
