/**
 * Who vouches for a bundle: {@link dev.penstock.models.trust.SigningKey} signs it, {@link
 * dev.penstock.models.trust.TrustStore} says whose signatures count.
 */
@NullMarked
package dev.penstock.models.trust;

import org.jspecify.annotations.NullMarked;
