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
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The configured provider")
class ProviderTest {

    private static final String BASE_URL = "tokentally.llm.base-url";
    private static final String API_KEY = "tokentally.llm.api-key";
    private static final String MODEL = "tokentally.llm.model";
    private static final String TIMEOUT = "tokentally.llm.timeout";

    @Test
    @DisplayName("is missing if nothing is set, or only a timeout")
    void none() {
        assertThat(provider(Map.of())).isNull();
        assertThat(provider(Map.of(TIMEOUT, "5s"))).isNull();
    }

    @Test
    @DisplayName("is what the settings say, and never shows its key")
    void configured() {
        Provider provider = provider(Map.of(
                BASE_URL, "https://api.openai.com/v1", API_KEY, " sk-secret ", MODEL, "gpt-4o-mini", TIMEOUT, "90s"));

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
    @DisplayName("is refused if a setting is wrong, and the message names the key and quotes no URL and no API key")
    @CsvFileSource(files = "src/test/resources/wrong-providers.csv", delimiter = '|')
    void wrong(String baseUrl, String apiKey, String model, String timeout, String wrong, String why) {
        assertThatThrownBy(() -> provider(settings(baseUrl, apiKey, model, timeout)))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith("The configuration key tokentally.llm." + wrong + " is")
                .hasMessageContaining(why == null ? "" : why)
                .hasMessageNotContainingAny("secret", "Secret");
    }

    @ParameterizedTest
    @DisplayName("is taken in every form that the run command takes")
    @CsvFileSource(files = "src/test/resources/right-providers.csv", delimiter = '|')
    void right(String baseUrl, String apiKey, String model, String timeout) {
        assertThat(provider(settings(baseUrl, apiKey, model, timeout))).isNotNull();
    }

    private static Map<String, String> settings(String baseUrl, String apiKey, String model, String timeout) {
        Map<String, String> settings = new HashMap<>();
        put(settings, BASE_URL, baseUrl);
        put(settings, API_KEY, apiKey);
        put(settings, MODEL, model);
        put(settings, TIMEOUT, timeout);
        return settings;
    }

    private static void put(Map<String, String> settings, String key, String value) {
        if (value != null) {
            settings.put(
                    key,
                    value.replace("BLANK", " ")
                            .replace("FULL", "m".repeat(255))
                            .replace("CRLF", "\r\n")
                            .replace("LF", "\n")
                            .replace("TAB", "\t")
                            .replace("NUL", "\0")
                            .replace("DEL", "\u007f")
                            .replace("LONG", "m".repeat(256)));
        }
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
