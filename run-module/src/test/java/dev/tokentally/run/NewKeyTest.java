package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NewKeyTest {

    @Test
    @DisplayName("the server gets the hash of a key and not the key")
    void hash() {
        assertThat(new NewKey("demo", "tenant", "secret").entry())
                .isEqualTo("demo:tenant:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b");
    }

    @Test
    @DisplayName("every key is different, too long to be guessed, and recognised like a key of the API")
    void random() {
        SecureRandom random = new SecureRandom();

        assertThat(NewKey.of("demo", "tenant", random).secret()).matches("tk_[A-Za-z0-9_-]{43}");
        assertThat(NewKey.of("demo", "tenant", random).secret())
                .isNotEqualTo(NewKey.of("demo", "tenant", random).secret());
    }
}
