/** Versions of models, from a directory to the jobs: {@link dev.penstock.cli.models.ModelsCommand}. */
@NullMarked
package dev.penstock.cli.models;

import org.jspecify.annotations.NullMarked;
