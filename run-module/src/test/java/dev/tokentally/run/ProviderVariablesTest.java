package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

@DisplayName("The values of TOKENTALLY_LLM_*")
class ProviderVariablesTest {

    private static final String BASE_URL = "TOKENTALLY_LLM_BASE_URL";
    private static final String API_KEY = "TOKENTALLY_LLM_API_KEY";
    private static final String MODEL = "TOKENTALLY_LLM_MODEL";
    private static final String TIMEOUT = "TOKENTALLY_LLM_TIMEOUT";

    @Test
    @DisplayName("name no provider if they are not set or empty, or if there is only a timeout")
    void none() {
        assertThat(nameAProvider(Map.of())).isFalse();
        assertThat(nameAProvider(Map.of(BASE_URL, "", API_KEY, "", MODEL, "", TIMEOUT, "")))
                .isFalse();
        assertThat(nameAProvider(Map.of(TIMEOUT, "5s"))).isFalse();
    }

    @ParameterizedTest
    @DisplayName("are taken like by the server")
    @CsvFileSource(files = "../web-module/src/test/resources/right-providers.csv", delimiter = '|')
    void right(String baseUrl, String apiKey, String model, String timeout) {
        assertThat(nameAProvider(environment(baseUrl, apiKey, model, timeout))).isTrue();
    }

    @Test
    @DisplayName("may be expressions that the server replaces, and an empty key is none")
    void expressions() {
        assertThat(nameAProvider(environment("${my.url}", "${my.key}", "${my.model}", "${my.timeout}")))
                .isTrue();
        assertThat(nameAProvider(environment("https://host/v1", "", "m", ""))).isTrue();
    }

    @ParameterizedTest
    @DisplayName("are refused like by the server, with the variable's name and the mistake, and are never quoted")
    @CsvFileSource(files = "../web-module/src/test/resources/wrong-providers.csv", delimiter = '|')
    void wrong(String baseUrl, String apiKey, String model, String timeout, String wrong, String why) {
        String variable = "TOKENTALLY_LLM_" + wrong.replace('-', '_').toUpperCase(Locale.ROOT);

        assertThatThrownBy(() -> nameAProvider(environment(baseUrl, apiKey, model, timeout)))
                .isInstanceOf(InvalidOptionException.class)
                .message()
                .contains(why == null ? "" : why)
                .matches("(?s)" + variable + "( is wrong, .*\\. Allowed is .*| is not set, although .* is: .*)")
                .doesNotContain("secret", "Secret", "Evil", "mmm");
    }

    @Test
    @DisplayName("are refused one by one, each in a line of its own")
    void all() {
        assertThatThrownBy(() -> nameAProvider(Map.of(BASE_URL, "host", API_KEY, "a b", TIMEOUT, "soon")))
                .message()
                .matches(MODEL + " is not set, although TOKENTALLY_LLM_BASE_URL is.*\n" + BASE_URL + " is wrong.*\n"
                        + API_KEY + " is wrong.*\n" + TIMEOUT + " is wrong.*");
    }

    private static boolean nameAProvider(Map<String, String> environment) {
        return Options.of(new Properties(), environment).provider();
    }

    private static Map<String, String> environment(String baseUrl, String apiKey, String model, String timeout) {
        Map<String, String> environment = new HashMap<>();
        put(environment, BASE_URL, baseUrl);
        put(environment, API_KEY, apiKey);
        put(environment, MODEL, model);
        put(environment, TIMEOUT, timeout);
        return environment;
    }

    private static void put(Map<String, String> environment, String name, String value) {
        if (value != null) {
            environment.put(
                    name,
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
}
