package dev.tokentally.web.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A file of the page")
class PageFileTest {

    private final PageFile file = PageFile.of("text/css", "a { color: red }".getBytes(UTF_8));

    @Test
    @DisplayName("has a new tag if its content is new, and the same tag if it is the same")
    void tag() {
        assertThat(PageFile.of("text/css", "a { color: tan }".getBytes(UTF_8)).tag())
                .isNotEqualTo(file.tag());
        assertThat(PageFile.of("text/css", "a { color: red }".getBytes(UTF_8)).tag())
                .isEqualTo(file.tag())
                .matches("\"[A-Za-z0-9_-]{43}\"");
    }

    @Test
    @DisplayName("is known to a client that sends its tag, alone or among others, weak or strong")
    void known() {
        assertThat(file.isKnownTo(file.tag())).isTrue();
        assertThat(file.isKnownTo("\"other\", W/" + file.tag())).isTrue();
        assertThat(file.isKnownTo("*")).isTrue();
        assertThat(file.isKnownTo("\"other\"")).isFalse();
        assertThat(file.isKnownTo(file.tag().substring(0, 20))).isFalse();
        assertThat(file.isKnownTo(null)).isFalse();
    }

    @Test
    @DisplayName("is served only if it has one of the types of a page's files")
    void types() {
        assertThat(PageFile.typeOf("/index.html")).hasValue("text/html;charset=UTF-8");
        assertThat(PageFile.typeOf("/assets/main.js")).hasValue("text/javascript;charset=UTF-8");
        assertThat(PageFile.typeOf("/keys.properties")).isEmpty();
        assertThat(PageFile.typeOf("/html")).isEmpty();
    }
}
