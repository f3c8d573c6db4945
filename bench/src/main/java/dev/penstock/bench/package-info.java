/** The inference job against its ceiling and its peers: {@link dev.penstock.bench.Main}. */
@NullMarked
package dev.penstock.bench;

import org.jspecify.annotations.NullMarked;
