package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The value of TOKENTALLY_API_KEYS")
class KeyEntriesTest {

    private static final String HASH = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    @Test
    @DisplayName("has as many keys as entries, with blanks around their parts, or none")
    void right() {
        assertThat(KeyEntries.count(" ")).isZero();
        assertThat(KeyEntries.count("demo:tenant:" + HASH + ", ops : admin : " + HASH.toUpperCase(Locale.ROOT)))
                .isEqualTo(2);
        assertThat(KeyEntries.count("${keys.of.mine}")).isEqualTo(1);
    }

    @ParameterizedTest
    @DisplayName("is refused with the entry's number, the mistake and the allowed form, and is never quoted")
    @CsvSource(
            delimiter = '|',
            value = {
                "secret | 1 is wrong, it has 1 part(s) between colons instead of 3",
                "demo:tenant:secret | 1 is wrong, its hash has 6 characters instead of 64",
                "demo:secret:HASH | 1 is wrong, its role is neither tenant nor admin",
                ":tenant:HASH | 1 is wrong, its tenant is blank",
                "demo:tenant:HASH, | 2 is wrong, it is empty",
                "demo:tenant:HASH,demo:admin:gHASH | 2 is wrong, its hash has 65 characters instead of 64",
                "demo:tenant:gXHASH | 1 is wrong, its hash has characters other than hexadecimal digits"
            })
    void wrong(String value, String message) {
        String keys = value.replace("gXHASH", "g" + HASH.substring(1)).replace("HASH", HASH);

        assertThatThrownBy(() -> KeyEntries.count(keys))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContainingAll("TOKENTALLY_API_KEYS: entry " + message, "TENANT:ROLE:SHA256HEX", "sha256sum")
                .hasMessageNotContainingAny("secret", HASH);
    }
}
