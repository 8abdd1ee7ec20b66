package dev.tokentally.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ColumnTextTest {

    @Test
    @DisplayName("text that fits stays as it is")
    void fits() {
        assertThat(ColumnText.fit("gpt-4o 🦊", 9)).isEqualTo("gpt-4o 🦊");
        assertThat(ColumnText.fit("", 5)).isEmpty();
    }

    @Test
    @DisplayName("text that is too long is cut")
    void cut() {
        assertThat(ColumnText.fit("m".repeat(1000), 255)).isEqualTo("m".repeat(255));
    }

    @Test
    @DisplayName("a cut never splits a character")
    void cutBetweenCharacters() {
        assertThat(ColumnText.fit("ab🦊", 3)).isEqualTo("ab");
        assertThat(ColumnText.fit("ab🦊", 4)).isEqualTo("ab🦊");
    }

    @Test
    @DisplayName("NUL and halves of characters are replaced")
    void replaced() {
        assertThat(ColumnText.fit("a\u0000b\ud83ec\udd8a", 10)).isEqualTo("a\uFFFDb\uFFFDc\uFFFD");
    }

    @Test
    @DisplayName("control characters in an id are replaced too, and a long id is cut")
    void id() {
        assertThat(ColumnText.fitId("chatcmpl-1", 255)).isEqualTo("chatcmpl-1");
        assertThat(ColumnText.fitId("a\nb\u0085\u0000\ud83e", 255)).isEqualTo("a\uFFFDb\uFFFD\uFFFD\uFFFD");
        assertThat(ColumnText.fitId("a\u2028b\u2029c", 255)).isEqualTo("a\uFFFDb\uFFFDc");
        assertThat(ColumnText.fitId("\n".repeat(1000), 255)).isEqualTo("\uFFFD".repeat(255));
    }
}
