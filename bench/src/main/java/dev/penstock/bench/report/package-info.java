/** What was found, as text, Markdown and JSON: {@link dev.penstock.bench.report.Report}. */
@NullMarked
package dev.penstock.bench.report;

import org.jspecify.annotations.NullMarked;
