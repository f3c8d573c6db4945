/**
 * A model as files: a directory where it is used, one zip where it travels. Start with {@link
 * dev.penstock.models.bundle.Bundle}.
 */
@NullMarked
package dev.penstock.models.bundle;

import org.jspecify.annotations.NullMarked;
