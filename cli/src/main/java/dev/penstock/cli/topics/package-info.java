/** What topics there are and whether they are as the platform expects: {@link dev.penstock.cli.topics.TopicsCommand}. */
@NullMarked
package dev.penstock.cli.topics;

import org.jspecify.annotations.NullMarked;
