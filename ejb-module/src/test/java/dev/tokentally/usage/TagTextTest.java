package dev.tokentally.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A tag in the text of a call's tags")
class TagTextTest {

    @ParameterizedTest
    @DisplayName("is found with its value, wherever it is and whatever it contains")
    @ValueSource(strings = {"search", " ", "\"", "\\", "\\\"", "a\",\"b\":\"c", "{}", "🦊", "%_", "\\n"})
    void found(String value) {
        String tag = TagText.of("team", value);
        for (String text : List.of(
                "{" + tag + "}",
                "{\"a\":\"\\\\\"," + tag + "}",
                "{" + tag + ",\"zone\":\"\\\"team\\\":\\\"no\\\"\"}",
                "{\"my.team\":\"no\"," + tag + "}")) {
            assertThat(TagText.value("team", text)).as(text).isEqualTo(value);
            assertThat(text).contains(TagText.start("team"));
        }
    }

    @ParameterizedTest
    @DisplayName("is not found in another's key or value")
    @ValueSource(
            strings = {
                "{}",
                "{\"teams\":\"x\"}",
                "{\"my.team\":\"x\"}",
                "{\"a\":\"team\"}",
                "{\"a\":\"\\\"team\\\":\\\"x\"}"
            })
    void notFound(String text) {
        assertThat(TagText.value("team", text)).isNull();
        assertThat(TagText.value("team", null)).isNull();
        assertThat(text).doesNotContain(TagText.start("team"));
    }

    @Test
    @DisplayName("is a dimension by its key")
    void dimension() {
        assertThat(Dimension.of("tag.team"))
                .isEqualTo(Dimension.tag("team"))
                .hasSameHashCodeAs(Dimension.tag("team"))
                .isNotEqualTo(Dimension.tag("Team"))
                .hasToString("tag.team");
        assertThat(Dimension.ALL)
                .allSatisfy(each -> assertThat(Dimension.of(each.label())).isSameAs(each));
        assertThatThrownBy(() -> Dimension.of("colour")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Dimension.tag("a\"b")).isInstanceOf(IllegalArgumentException.class);
    }
}
