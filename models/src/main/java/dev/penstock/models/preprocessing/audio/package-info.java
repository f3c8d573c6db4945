/** WAVE files to mono waveforms. Start with {@link dev.penstock.models.preprocessing.audio.WaveFile}. */
@NullMarked
package dev.penstock.models.preprocessing.audio;

import org.jspecify.annotations.NullMarked;
