/**
 * Who acts in the demo's story beside the platform: people who review ({@link dev.penstock.cli.demo.story.Reviewer}),
 * somebody who publishes a bad version ({@link dev.penstock.cli.demo.story.DamagedVersion}), somebody who lies ({@link
 * dev.penstock.cli.demo.story.PoisonedLabels}), and who keeps the score ({@link
 * dev.penstock.cli.demo.story.AccuracyByVersion}).
 */
@NullMarked
package dev.penstock.cli.demo.story;

import org.jspecify.annotations.NullMarked;
