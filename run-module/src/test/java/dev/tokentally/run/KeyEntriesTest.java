package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

@DisplayName("The value of TOKENTALLY_API_KEYS")
class KeyEntriesTest {

    private static final String HASH = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    /** SHA-256 of nothing. */
    private static final String OTHER = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @Test
    @DisplayName("has no key if it is blank, and counts as one if the server replaces it by another value")
    void other() {
        assertThat(KeyEntries.count(" ")).isZero();
        assertThat(KeyEntries.count("${keys.of.mine}")).isEqualTo(1);
    }

    @ParameterizedTest
    @DisplayName("is taken like by the server, and has as many keys as entries")
    @CsvFileSource(files = "../web-module/src/test/resources/right-api-keys.csv", delimiter = '|')
    void right(String value, int entries) {
        assertThat(KeyEntries.count(spelled(value))).isEqualTo(entries);
    }

    @ParameterizedTest
    @DisplayName(
            "is refused like by the server, with the entry's number, the mistake and the allowed form, and never quoted")
    @CsvFileSource(files = "../web-module/src/test/resources/wrong-api-keys.csv", delimiter = '|')
    void wrong(String value, int entry, String why) {
        assertThatThrownBy(() -> KeyEntries.count(spelled(value)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContainingAll(
                        "TOKENTALLY_API_KEYS: entry " + entry + " is wrong, ",
                        why,
                        "TENANT:ROLE:SHA256HEX",
                        "sha256sum")
                .hasMessageNotContainingAny("secret", HASH, "acme");
    }

    private static String spelled(String value) {
        return value.replace("NOTHEX", "zz" + HASH.substring(2))
                .replace("HASH", HASH)
                .replace("OTHER", OTHER)
                .replace("CAPITALS", HASH.toUpperCase(Locale.ROOT))
                .replace("NEWLINE", "a\nb")
                .replace("NEXT", "\n")
                .replace("SEPARATOR", "a\u2028b")
                .replace("PARAGRAPH", "a\u2029b")
                .replace("HALF", "a\ud800b")
                .replace("FULL", "x".repeat(255))
                .replace("LONG", "x".repeat(256));
    }
}
