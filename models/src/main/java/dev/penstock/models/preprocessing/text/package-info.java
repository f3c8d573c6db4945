/** Text to token ids. Start with {@link dev.penstock.models.preprocessing.text.TextTokenizer}. */
@NullMarked
package dev.penstock.models.preprocessing.text;

import org.jspecify.annotations.NullMarked;
