package dev.penstock.data;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.data.Mail.Period;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MailsTest {
    private final List<Mail> bootstrap = Mails.bootstrap();
    private final List<Mail> stream = Mails.stream();

    @Test
    void bootstrapHolds900EarlierMails() {
        assertThat(bootstrap).hasSize(900).allMatch(mail -> mail.period() == Period.EARLIER);
        assertThat(labels(bootstrap)).isEqualTo(Map.of("ham", 748L, "spam", 152L));
    }

    @Test
    void streamHoldsEarlierMailsBeforeLaterOnes() {
        List<Mail> earlier = stream.subList(0, 1000);
        List<Mail> later = stream.subList(1000, 3100);

        assertThat(stream).hasSize(3100);
        assertThat(earlier).allMatch(mail -> mail.period() == Period.EARLIER);
        assertThat(later).allMatch(mail -> mail.period() == Period.LATER);
        assertThat(labels(earlier)).isEqualTo(Map.of("ham", 831L, "spam", 169L));
        assertThat(labels(later)).isEqualTo(Map.of("ham", 1294L, "spam", 806L));
    }

    @Test
    void repeatsNoMail() {
        assertThat(both().map(Mail::text)).doesNotHaveDuplicates();
        assertThat(both().map(Mail::id)).doesNotHaveDuplicates();
        assertThat(both().map(Mail::source)).doesNotHaveDuplicates();
    }

    @Test
    void everyTextIsOneLineOfAtMost1200Characters() {
        assertThat(both().map(Mail::text)).allSatisfy(text -> {
            assertThat(text).hasSizeBetween(20, 1200).isEqualTo(text.strip());
            assertThat(text).doesNotContainPattern("\\s\\s|\\p{Cntrl}");
        });
    }

    @Test
    void showsNobodysAddress() {
        Pattern address = Pattern.compile("[\\w.+-]+@(?!example\\.org)[\\w-]+\\.\\w+");

        assertThat(both().map(Mail::text)).noneMatch(address.asPredicate());
    }

    @Test
    void keepsNoMarkOfTheFoldersThatMailsWereCollectedIn() {
        Pattern feed = Pattern.compile("^URL: \\S+ Date:");
        Pattern handedIn = Pattern.compile("DeathToSpam|spamassassin-sightings mailing list", Pattern.CASE_INSENSITIVE);

        assertThat(both().map(Mail::text)).noneMatch(feed.asPredicate()).noneMatch(handedIn.asPredicate());
        assertThat(both().map(Mail::id)).noneMatch(id -> id.contains("ham") || id.contains("spam"));
    }

    @Test
    void refusesAnUnknownLabelAndAnEmptyText() {
        assertThatThrownBy(() -> new Mail("mail-1", "junk", Period.LATER, "somewhere", "Hello"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'junk'");
        assertThatThrownBy(() -> new Mail("mail-1", "ham", Period.LATER, "somewhere", " "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no text");
    }

    private Stream<Mail> both() {
        return Stream.concat(bootstrap.stream(), stream.stream());
    }

    private static Map<String, Long> labels(List<Mail> mails) {
        return mails.stream().collect(groupingBy(Mail::label, counting()));
    }
}
