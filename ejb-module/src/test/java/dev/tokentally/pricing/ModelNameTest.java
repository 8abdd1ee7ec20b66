package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A model's name")
class ModelNameTest {

    @ParameterizedTest(name = "{0}")
    @DisplayName("is known without its date")
    @CsvSource({
        "gpt-4o-2024-08-06, gpt-4o",
        "claude-sonnet-4-20250514, claude-sonnet-4",
        "claude-sonnet-4@20250514, claude-sonnet-4",
        "claude-3-7-sonnet-latest, claude-3-7-sonnet",
        "a-2099-12-31, a",
    })
    void dated(String name, String undated) {
        assertThat(ModelName.undated(name)).isEqualTo(undated);
    }

    @ParameterizedTest(name = "\"{0}\"")
    @DisplayName("keeps what only looks like a date")
    @ValueSource(
            strings = {
                "",
                "-",
                "gpt-4o",
                "-latest",
                "-2024-08-06",
                "@20250514",
                "20250514",
                "2024-08-06",
                "x-1024-08-06",
                "x-2024-13-06",
                "x-2024-00-06",
                "x-2024-08-32",
                "x-2024-8-06",
                "x_2024-08-06",
                "x-2024_08_06",
                "x-20251332",
                "x-1234567",
                "gpt-4-0613",
                "mistral-large-2411",
                "x-٢٠٢٤-٠٨-٠٦",
                "latest"
            })
    void undated(String name) {
        assertThat(ModelName.undated(name)).isEqualTo(name);
    }

    @Test
    @DisplayName("is the same in capitals, with blanks around it, and in any country")
    void spelling() {
        assertThat(ModelName.of(" GPT-4o-MINI ")).isEqualTo("gpt-4o-mini");
        assertThat(ModelName.of(null)).isEmpty();
    }
}
