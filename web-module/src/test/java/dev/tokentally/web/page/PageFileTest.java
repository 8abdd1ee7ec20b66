package dev.tokentally.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A file of the page")
class PageFileTest {

    @Test
    @DisplayName("is served only if it has one of the types of a page's files")
    void types() {
        assertThat(PageFile.typeOf("/index.html")).hasValue("text/html;charset=UTF-8");
        assertThat(PageFile.typeOf("/assets/main.js")).hasValue("text/javascript;charset=UTF-8");
        assertThat(PageFile.typeOf("/keys.properties")).isEmpty();
        assertThat(PageFile.typeOf("/html")).isEmpty();
    }
}
