/** The demo's own bundles, built and published as anybody's are: {@link dev.penstock.cli.demo.bundles.DemoBundle}. */
@NullMarked
package dev.penstock.cli.demo.bundles;

import org.jspecify.annotations.NullMarked;
