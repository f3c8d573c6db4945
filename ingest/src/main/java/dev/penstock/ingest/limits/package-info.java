/** How large a record may be: {@link dev.penstock.ingest.limits.TopicLimits}. */
@NullMarked
package dev.penstock.ingest.limits;

import org.jspecify.annotations.NullMarked;
