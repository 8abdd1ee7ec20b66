package dev.tokentally.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A user's pseudonym")
class UserHashTest {

    @Test
    @DisplayName("is the HMAC-SHA256 of the name, as in the second example of RFC 4231")
    void hmac() {
        assertThat(new UserHash("Jefe").of("what do ya want for nothing?"))
                .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    @Test
    @DisplayName("differs by name and by key")
    void differs() {
        assertThat(new UserHash("a").of("ann"))
                .isEqualTo(new UserHash("a").of("ann"))
                .isNotEqualTo(new UserHash("a").of("Ann"))
                .isNotEqualTo(new UserHash("b").of("ann"));
    }

    @Test
    @DisplayName("does not show its key")
    void secret() {
        assertThat(new UserHash("secret-key").toString()).doesNotContain("secret-key");
    }
}
