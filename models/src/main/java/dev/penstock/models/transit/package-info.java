/**
 * How bundles travel: {@link dev.penstock.models.transit.BundlePublisher} cuts one into chunks and announces it,
 * {@link dev.penstock.models.transit.BundleFetcher} puts it together again, and {@link
 * dev.penstock.models.transit.PublishedVersions} lists what was announced.
 */
@NullMarked
package dev.penstock.models.transit;

import org.jspecify.annotations.NullMarked;
