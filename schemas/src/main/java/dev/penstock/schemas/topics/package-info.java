/**
 * The one list of topics: {@link dev.penstock.schemas.topics.Topic}; and who may do what with them: {@link
 * dev.penstock.schemas.topics.Access}.
 */
@NullMarked
package dev.penstock.schemas.topics;

import org.jspecify.annotations.NullMarked;
