package dev.tokentally.web.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The tag of a content")
class ContentTagTest {

    private final ContentTag tag = ContentTag.of("a { color: red }".getBytes(UTF_8));

    @Test
    @DisplayName("is new if the content is new, and the same if it is the same")
    void text() {
        assertThat(ContentTag.of("a { color: tan }".getBytes(UTF_8))).isNotEqualTo(tag);
        assertThat(ContentTag.of("a { color: red }".getBytes(UTF_8))).isEqualTo(tag);
        assertThat(tag.text()).matches("\"[A-Za-z0-9_-]{43}\"");
    }

    @Test
    @DisplayName("is known to a client that sends it, alone or among others, weak or strong")
    void known() {
        assertThat(tag.isKnownTo(tag.text())).isTrue();
        assertThat(tag.isKnownTo("\"other\", W/" + tag.text())).isTrue();
        assertThat(tag.isKnownTo(" * ")).isTrue();
        assertThat(tag.isKnownTo("\"other\"")).isFalse();
        assertThat(tag.isKnownTo(tag.text().substring(0, 20))).isFalse();
        assertThat(tag.isKnownTo(tag.text().replace("\"", ""))).isFalse();
        assertThat(tag.isKnownTo("*, \"other\"")).isFalse();
        assertThat(tag.isKnownTo("")).isFalse();
        assertThat(tag.isKnownTo(null)).isFalse();
    }
}
