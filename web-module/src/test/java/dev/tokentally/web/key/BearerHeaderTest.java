package dev.tokentally.web.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The Authorization header")
class BearerHeaderTest {

    @ParameterizedTest
    @ValueSource(strings = {"Bearer abc", "bearer abc", "BEARER abc", "Bearer   abc", "Bearer abc "})
    @DisplayName("gives the key after the scheme, however the scheme is written")
    void key(String header) {
        assertThat(BearerHeader.of(List.of(header))).isEqualTo(new BearerHeader("abc", null));
    }

    @Test
    @DisplayName("may hold every visible ASCII character")
    void everyVisibleCharacter() {
        StringBuilder all = new StringBuilder();
        for (char c = 0x21; c < 0x7F; c++) {
            all.append(c);
        }

        assertThat(BearerHeader.of(List.of("Bearer " + all)).key()).isEqualTo(all.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "Bearer",
                "Bearer ",
                "Bearerabc",
                "Basic abc",
                "abc",
                " abc",
                "Bearer a b",
                "Bearer a\tb",
                "Bearer\tabc",
                "Bearer schlüssel",
                "Bearer a\u0000b",
                "Bearer a\nb",
                "Bearer abc, Bearer def"
            })
    @DisplayName("gives no key if it is malformed, and the message quotes nothing of it")
    void malformed(String header) {
        BearerHeader read = BearerHeader.of(List.of(header));

        assertThat(read.key()).isNull();
        assertThat(read.fault()).isNotBlank().doesNotContain("abc", "schl");
    }

    @Test
    @DisplayName("gives no key if it is missing, sent twice or longer than 1024 characters")
    void missingTwiceOrTooLong() {
        assertThat(BearerHeader.of(List.of()).key()).isNull();
        assertThat(BearerHeader.of(List.of("Bearer abc", "Bearer abc")).key()).isNull();
        assertThat(BearerHeader.of(List.of("Bearer " + "a".repeat(1017))).key()).isNotNull();
        assertThat(BearerHeader.of(List.of("Bearer " + "a".repeat(1018))).key()).isNull();
        assertThat(BearerHeader.of(List.of()).isMissing()).isTrue();
        assertThat(BearerHeader.of(List.of("")).isMissing()).isFalse();
        assertThat(BearerHeader.of(List.of("Bearer abc")).isMissing()).isFalse();
    }
}
