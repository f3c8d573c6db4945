/** Who scores: {@link dev.penstock.bench.variants.Contender} lists them. */
@NullMarked
package dev.penstock.bench.variants;

import org.jspecify.annotations.NullMarked;
