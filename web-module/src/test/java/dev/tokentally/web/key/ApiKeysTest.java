package dev.tokentally.web.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.web.MapConfig;
import java.io.IOException;
import java.io.StringReader;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The configured API keys")
class ApiKeysTest {

    /** SHA-256 of "abc", from FIPS 180-2. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    /** SHA-256 of "schlüssel", whose ü is two bytes in UTF-8. */
    private static final String UMLAUT = "ccec7a8e3e039f0b6b308a81f438e1d07a59c8c896b4f237d10c3eecb8375ef7";

    /** SHA-256 of nothing. */
    private static final String NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @Test
    @DisplayName("are found by the key that has their hash, with tenant and role")
    void found() {
        ApiKeys keys = keys("acme:tenant:" + NOTHING + ",boss:admin:" + ABC);

        assertThat(keys.find("abc")).hasValueSatisfying(key -> {
            assertThat(key.tenant()).isEqualTo("boss");
            assertThat(key.role()).isEqualTo(Role.ADMIN);
        });
        assertThat(keys.find("abd")).isEmpty();
        assertThat(keys.find(ABC)).isEmpty();
    }

    @Test
    @DisplayName("accept no key if none is configured")
    void none() {
        assertThat(keys(null).find("abc")).isEmpty();
        assertThat(keys(null).find("")).isEmpty();
    }

    @Test
    @DisplayName("may have blanks around entries and parts, capital hexadecimal digits, and odd but valid tenants")
    void tolerated() {
        String value =
                "  Müller & \"Söhne\" 😀 : tenant : " + ABC.toUpperCase(Locale.ROOT) + " ,\n" + "b:admin:" + NOTHING;

        assertThat(keys(value).find("abc")).map(ApiKey::tenant).hasValue("Müller & \"Söhne\" 😀");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "KEYS=acme:tenant:HASH1,\\\n     boss:admin:HASH2\n",
                "KEYS=\\\n  acme:tenant:HASH1,\\\r\n  boss:admin:HASH2  \r\n",
                "KEYS : acme:tenant:HASH1\\n,\\n\\tboss:admin:HASH2\\n\n",
            })
    @DisplayName("may have one entry per line, as in a properties file, a mounted file or YAML")
    void lines(String file) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(file.replace("KEYS", "tokentally.api-keys")
                .replace("HASH1", NOTHING)
                .replace("HASH2", ABC)));

        assertThat(keys(properties.getProperty("tokentally.api-keys")).find("abc"))
                .map(ApiKey::tenant)
                .hasValue("boss");
    }

    @Test
    @DisplayName("hold the hash of the key's UTF-8 bytes")
    void utf8() {
        assertThat(keys("acme:tenant:" + UMLAUT).find("schlüssel")).isPresent();
    }

    @Test
    @DisplayName("may hold the same entry twice, and one tenant may have many keys")
    void sameTwice() {
        String entry = "acme:tenant:" + ABC;

        assertThat(keys(entry + "," + entry + ",acme:admin:" + NOTHING).find("abc"))
                .isPresent();
    }

    @ParameterizedTest
    @CsvFileSource(files = "src/test/resources/right-api-keys.csv", delimiter = '|')
    @DisplayName("are taken in every form that the run command takes")
    void right(String value) {
        assertThat(keys(spelled(value)).find("abc")).isPresent();
    }

    @ParameterizedTest
    @CsvFileSource(files = "src/test/resources/wrong-api-keys.csv", delimiter = '|')
    @DisplayName("stop the deployment if one is malformed, and the message says which entry and why")
    void malformed(String value, int entry, String why) {
        assertThatThrownBy(() -> keys(spelled(value)))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContainingAll(
                        "tokentally.api-keys", "entry " + entry + " is wrong", why, "TENANT:ROLE:SHA256HEX")
                .hasMessageNotContainingAny("secret", ABC);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hunter2",
                "acme:hunter2",
                "hunter2:tenant",
                "acme:tenant:hunter2",
                "acme:hunter2:x",
                "a:b:c:hunter2"
            })
    @DisplayName("are never shown, because somebody may have put the key itself there")
    void notShown(String value) {
        assertThatThrownBy(() -> keys(value)).satisfies(thrown -> {
            assertThat(thrown).hasNoCause();
            assertThat(thrown.toString()).doesNotContain("hunter2");
        });
    }

    private static String spelled(String value) {
        return value.replace("NOTHEX", "zz" + ABC.substring(2))
                .replace("HASH", ABC)
                .replace("OTHER", NOTHING)
                .replace("CAPITALS", ABC.toUpperCase(Locale.ROOT))
                .replace("NEWLINE", "a\nb")
                .replace("NEXT", "\n")
                .replace("SEPARATOR", "a\u2028b")
                .replace("PARAGRAPH", "a\u2029b")
                .replace("HALF", "a\ud800b")
                .replace("FULL", "x".repeat(255))
                .replace("LONG", "x".repeat(256));
    }

    private static ApiKeys keys(String value) {
        return new ApiKeys(new MapConfig(value == null ? Map.of() : Map.of("tokentally.api-keys", value)));
    }
}
