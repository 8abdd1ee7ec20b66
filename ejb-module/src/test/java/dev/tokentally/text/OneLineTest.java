package dev.tokentally.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Text from outside in one line")
class OneLineTest {

    @Test
    @DisplayName("stays unchanged if it is harmless")
    void harmless() {
        assertThat(OneLine.of("gpt-4o \"日本\" 🦊")).isEqualTo("gpt-4o \"日本\" 🦊");
        assertThat(OneLine.of("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\n", "\r", "\t", "\u0000", "\u001b", "\u0085", "\u2028", "\u2029", "\u202e", "\u200b", "\ud83e"
            })
    @DisplayName("has a space for a character that is invisible or ends a line")
    void replaced(String sign) {
        assertThat(OneLine.of("a" + sign + "b")).isEqualTo("a b");
    }

    @Test
    @DisplayName("is cut between characters, and an ellipsis shows that")
    void cut() {
        assertThat(OneLine.of("🦊".repeat(200))).isEqualTo("🦊".repeat(200));
        assertThat(OneLine.of("🦊".repeat(201))).isEqualTo("🦊".repeat(200) + "…");
        assertThat(OneLine.of("abcd", 3)).isEqualTo("abc…");
    }
}
