/**
 * What a record of a requests topic turns out to be: {@link dev.penstock.inference.requests.RequestReader} tells a
 * request from what becomes a dead letter.
 */
@NullMarked
package dev.penstock.inference.requests;

import org.jspecify.annotations.NullMarked;
