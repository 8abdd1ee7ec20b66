package dev.tokentally.web.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.web.MapConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The configured provider")
class ProviderTest {

    private static final String BASE_URL = "tokentally.llm.base-url";
    private static final String API_KEY = "tokentally.llm.api-key";
    private static final String MODEL = "tokentally.llm.model";

    @Test
    @DisplayName("is missing if nothing is set, or only a timeout")
    void none() {
        assertThat(provider(Map.of())).isNull();
        assertThat(provider(Map.of("tokentally.llm.timeout", "5s"))).isNull();
    }

    @Test
    @DisplayName("is what the settings say, and never shows its key")
    void configured() {
        Provider provider = provider(Map.of(
                BASE_URL,
                "https://api.openai.com/v1",
                API_KEY,
                " sk-secret ",
                MODEL,
                "gpt-4o-mini",
                "tokentally.llm.timeout",
                "90s"));

        assertThat(provider.baseUrl()).hasToString("https://api.openai.com/v1");
        assertThat(provider.apiKey()).contains("sk-secret");
        assertThat(provider.model()).isEqualTo("gpt-4o-mini");
        assertThat(provider.timeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(provider.name()).isEqualTo("openai");
        assertThat(provider).hasToString("gpt-4o-mini at https://api.openai.com/v1 with an API key");
    }

    @Test
    @DisplayName("may need no key, and may be unknown except for its protocol")
    void local() {
        Provider provider = provider(Map.of(BASE_URL, "http://127.0.0.1:11434/v1", MODEL, "hf.co/a/b:Q4_K_M"));

        assertThat(provider.apiKey()).isEmpty();
        assertThat(provider.name()).isEmpty();
        assertThat(provider.timeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(provider).hasToString("hf.co/a/b:Q4_K_M at http://127.0.0.1:11434/v1 without an API key");
    }

    @ParameterizedTest(name = "{0} without {1}")
    @DisplayName("is refused if it is half configured, and the message names the missing key")
    @CsvSource({
        "tokentally.llm.base-url, tokentally.llm.model",
        "tokentally.llm.model, tokentally.llm.base-url",
        "tokentally.llm.api-key, tokentally.llm.base-url"
    })
    void half(String set, String missing) {
        assertThatThrownBy(() -> provider(Map.of(set, "http://secret")))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith("The configuration key " + missing)
                .hasMessageContaining("although " + set + " is set")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @DisplayName(
            "is refused if its URL is invalid, and the message quotes nothing of it, because it may hold a password")
    @ValueSource(
            strings = {
                "secret",
                "ftp://secret/v1",
                "secret.example/v1",
                "https:///secret",
                "https:secret",
                "https://user:secret@host/v1",
                "https://host/v1?key=secret",
                "https://host/v1#secret",
                "https://ho st/secret",
                "https://host:0/secret",
                "https://host:99999/secret",
                "https://host/v1\r\nX-Secret: secret"
            })
    void url(String url) {
        assertThatThrownBy(() -> provider(Map.of(BASE_URL, url, MODEL, "m")))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining(BASE_URL)
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @DisplayName("is refused if its API key cannot stand in a header, and the message quotes nothing of it")
    @ValueSource(strings = {"secret key", "secret\r\nX-Evil: 1", "sëcret", "secret\u0000"})
    void key(String key) {
        assertThatThrownBy(() -> provider(Map.of(BASE_URL, "https://host/v1", MODEL, "m", API_KEY, key)))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining(API_KEY)
                .hasMessageNotContaining("secret")
                .hasMessageNotContaining("Evil")
                .hasMessageNotContaining("sëcret");
    }

    @ParameterizedTest
    @DisplayName("is refused if its model's name could end a line or a header")
    @ValueSource(strings = {"a b", "a\nb", "a\r\nX-Evil: 1", "modèle", "a\tb", "\u007f"})
    void model(String model) {
        assertThatThrownBy(() -> provider(Map.of(BASE_URL, "https://host/v1", MODEL, model)))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining(MODEL);
    }

    @Test
    @DisplayName("is refused if its timeout is invalid")
    void timeout() {
        assertThatThrownBy(
                        () -> provider(Map.of(BASE_URL, "https://host/v1", MODEL, "m", "tokentally.llm.timeout", "0s")))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("tokentally.llm.timeout")
                .hasMessageContaining("100ms to 600s");
    }

    @Test
    @DisplayName("is refused if its model's name is longer than the column")
    void longModel() {
        assertThat(provider(Map.of(BASE_URL, "https://host/v1", MODEL, "m".repeat(255))))
                .isNotNull();
        assertThatThrownBy(() -> provider(Map.of(BASE_URL, "https://host/v1", MODEL, "m".repeat(256))))
                .isInstanceOf(InvalidSettingException.class);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @DisplayName("knows whether others could read its API key on the network")
    @CsvSource({
        "https://host/v1, false",
        "http://host/v1, true",
        "HTTP://host/v1, true",
        "http://localhost:8000/v1, false",
        "http://127.0.0.1:8000/v1, false",
        "http://[::1]:8000/v1, false"
    })
    void inTheClear(String url, boolean inTheClear) {
        Map<String, String> settings = new HashMap<>(Map.of(BASE_URL, url, MODEL, "m"));
        assertThat(provider(settings).sendsKeyInTheClear()).isFalse();

        settings.put(API_KEY, "sk-1");
        assertThat(provider(settings).sendsKeyInTheClear()).isEqualTo(inTheClear);
    }

    private static Provider provider(Map<String, String> settings) {
        return Provider.in(new MapConfig(settings)).orElse(null);
    }
}
