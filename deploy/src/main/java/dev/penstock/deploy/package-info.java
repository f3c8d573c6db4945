/** The jobs as one Flink application: {@link dev.penstock.deploy.Main}. */
@NullMarked
package dev.penstock.deploy;

import org.jspecify.annotations.NullMarked;
