package dev.tokentally.web.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.within;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The token counter")
class TokenCounterTest {

    private static final Encoding WHOLE = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);

    @ParameterizedTest(name = "\"{0}\" is {1}")
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "``, 0",
                "hello world, 2",
                "`Hello, world!`, 4",
                "tiktoken is great!, 6",
                "antidisestablishmentarianism, 6",
                "2 + 2 = 4, 7",
                "お誕生日おめでとう, 8",
                "😀, 1"
            })
    @DisplayName("counts as OpenAI's o200k_base does")
    void golden(String text, int tokens) {
        assertThat(TokenCounter.count(text)).isEqualTo(tokens);
    }

    @Test
    @DisplayName("counts a special token in a text as plain text")
    void specialTokens() {
        assertThat(TokenCounter.count("<|endoftext|>")).isGreaterThan(1);
    }

    @Test
    @DisplayName("counts long prose exactly, although it counts in slices")
    void longProse() {
        String prose = "The quick brown fox jumps over the lazy dog, 12 times; then it's \"over\".\n  ".repeat(20_000);

        assertThat(TokenCounter.count(prose)).isEqualTo(WHOLE.countTokensOrdinary(prose));
    }

    @Test
    @DisplayName("counts long text without spaces almost exactly")
    void longTextWithoutSpaces() {
        String text = "神はいにしえを語り".repeat(40_000);

        assertThat(TokenCounter.count(text)).isCloseTo(WHOLE.countTokensOrdinary(text), within(50));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "A", " ", "\n", "1", "!", "/", "\u4e2d", "\ud83d\ude00", "e\u0301", "\u0000", "aA", "'S"})
    @Timeout(30)
    @DisplayName("needs a bounded time for the most unusual megabyte")
    void unusual(String text) {
        String megabyte = text.repeat(1_048_576 / text.getBytes(StandardCharsets.UTF_8).length);

        assertThat(TokenCounter.count(megabyte)).isPositive();
    }

    @Test
    @DisplayName("never cuts a character in two")
    void surrogates() {
        assertThatNoException().isThrownBy(() -> TokenCounter.count("x" + "😀".repeat(100_000)));
        assertThat(TokenCounter.count("x" + "😀".repeat(100_000)))
                .isCloseTo(WHOLE.countTokensOrdinary("x" + "😀".repeat(100_000)), within(30));
    }
}
