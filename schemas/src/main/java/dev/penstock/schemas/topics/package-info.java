/** The one list of topics: {@link dev.penstock.schemas.topics.Topic}. */
@NullMarked
package dev.penstock.schemas.topics;

import org.jspecify.annotations.NullMarked;
