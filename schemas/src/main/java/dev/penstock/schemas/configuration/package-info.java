/**
 * Configuration files: YAML with kebab-case keys, bound to records.
 *
 * <p>{@link dev.penstock.schemas.configuration.ConfigurationFile} reads one and reports every mistake in it at once, each
 * with its line; {@link dev.penstock.schemas.configuration.Checks} is how records refuse values.
 */
@NullMarked
package dev.penstock.schemas.configuration;

import org.jspecify.annotations.NullMarked;
