package dev.penstock.inference.versions;

import dev.penstock.schemas.Variant;
import java.util.Optional;

/**
 * Who is asked about a request.
 *
 * @param answerer who answers it
 * @param variant in which role
 * @param shadow who is asked as well, and whose answer nobody acts on
 * @param turn changes whenever requests of one entity may be answered by another than those before
 */
public record Choice(Answerer answerer, Variant variant, Optional<ServedModel> shadow, long turn) {
    /** The same without anybody on trial: the champion's answer to it. */
    public Choice withoutTrial() {
        Answerer champion = answerer.instead().map(Answerer::alone).orElse(answerer);
        Variant role = variant == Variant.CANARY ? Variant.CHAMPION : variant;
        return new Choice(champion, role, Optional.empty(), turn);
    }
}
