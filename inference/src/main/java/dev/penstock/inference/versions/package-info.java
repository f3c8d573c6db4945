/** Which version of a model is loaded, and how that changes: {@link dev.penstock.inference.versions.ServedModels}. */
@NullMarked
package dev.penstock.inference.versions;

import org.jspecify.annotations.NullMarked;
