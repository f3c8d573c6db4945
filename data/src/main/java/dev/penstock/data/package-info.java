/**
 * Small labelled data sets that demonstrations and tests stream: pictures, texts and sounds that people made, and
 * card payments from a simulator.
 *
 * <p>Start with {@link dev.penstock.data.Digits}, {@link dev.penstock.data.Mails}, {@link dev.penstock.data.Prompts}
 * and {@link dev.penstock.data.Transactions}. The first three have a {@code bootstrap()} split, which a first model
 * trains on, and a {@code stream()} split in a fixed order, which that model has never seen. Where the data come from,
 * and under which licences, stands in the module's README.
 */
package dev.penstock.data;
