package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A line for langchain4j-cdi about listeners")
class PluginSettingsTest {

    @Test
    @DisplayName("is right where the model has the same prefix, the new one or the old one")
    void right() {
        assertThat(PluginSettings.unread(Set.of(
                        "dev.langchain4j.cdi.plugin.chat-model.class",
                        "dev.langchain4j.cdi.plugin.chat-model.config.listeners",
                        "dev.langchain4j.plugin.old.class",
                        "dev.langchain4j.plugin.old.config.listeners",
                        "dev.langchain4j.cdi.plugin.silent.class",
                        "dev.langchain4j.cdi.plugin.config.listeners",
                        "other.config.listeners")))
                .isEmpty();
    }

    @Test
    @DisplayName("is told of where the model has the other prefix, with the line that is read")
    void otherPrefix() {
        assertThat(PluginSettings.unread(Set.of(
                        "dev.langchain4j.cdi.plugin.my-model.class",
                        "dev.langchain4j.plugin.my-model.config.listeners")))
                .singleElement()
                .asString()
                .contains("does not read dev.langchain4j.plugin.my-model.config.listeners")
                .endsWith("set dev.langchain4j.cdi.plugin.my-model.config.listeners");
        assertThat(PluginSettings.unread(Set.of(
                        "dev.langchain4j.plugin.my-model.class",
                        "dev.langchain4j.cdi.plugin.my-model.config.listeners")))
                .singleElement()
                .asString()
                .endsWith("set dev.langchain4j.plugin.my-model.config.listeners");
    }

    @Test
    @DisplayName("is told of where there is no such model")
    void noModel() {
        assertThat(PluginSettings.unread(Set.of(
                        "dev.langchain4j.cdi.plugin.my-model.class",
                        "dev.langchain4j.cdi.plugin.mymodel.config.listeners")))
                .containsExactly("langchain4j-cdi does not read dev.langchain4j.cdi.plugin.mymodel.config.listeners,"
                        + " as there is no dev.langchain4j.cdi.plugin.mymodel.class");
    }
}
