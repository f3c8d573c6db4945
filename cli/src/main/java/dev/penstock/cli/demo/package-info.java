/** The whole platform on real data: {@link dev.penstock.cli.demo.DemoCommand}. */
@NullMarked
package dev.penstock.cli.demo;

import org.jspecify.annotations.NullMarked;
