package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A listeners setting of langchain4j-cdi")
class PluginSettingsTest {

    @Test
    @DisplayName("is right if it has its model's prefix, the new one or the old one")
    void samePrefix() {
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
    @DisplayName("is reported with the right key if its model has the other prefix")
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
    @DisplayName("is reported if there is no such model")
    void noModel() {
        assertThat(PluginSettings.unread(Set.of(
                        "dev.langchain4j.cdi.plugin.my-model.class",
                        "dev.langchain4j.cdi.plugin.mymodel.config.listeners")))
                .containsExactly("langchain4j-cdi does not read dev.langchain4j.cdi.plugin.mymodel.config.listeners,"
                        + " as there is no dev.langchain4j.cdi.plugin.mymodel.class");
    }

    @Test
    @DisplayName("is demanded for a model that takes listeners, unless a port asks the model")
    void missing() {
        Map<String, String> settings = Map.of(
                "dev.langchain4j.cdi.plugin.chat.class", OpenAiChatModel.class.getName(),
                "dev.langchain4j.cdi.plugin.behind-a-port.class", OpenAiChatModel.class.getName(),
                "dev.langchain4j.cdi.plugin.listened.class", OpenAiStreamingChatModel.class.getName(),
                "dev.langchain4j.cdi.plugin.listened.config.listeners", "lookup:@all",
                "dev.langchain4j.cdi.plugin.embed.class", OpenAiEmbeddingModel.class.getName(),
                "dev.langchain4j.cdi.plugin.store.class", Map.class.getName(),
                "dev.langchain4j.cdi.plugin.elsewhere.class", "com.acme.NotHere");

        assertThat(PluginSettings.withoutListeners(
                        new TreeSet<>(settings.keySet()),
                        settings::get,
                        (model, type) -> model.equals("behind-a-port")))
                .containsExactly(
                        "The ChatModel chat that langchain4j-cdi makes has no listener, so requests that are made of it directly"
                                + " have no rows: set dev.langchain4j.cdi.plugin.chat.config.listeners=lookup:@all",
                        "The EmbeddingModel embed that langchain4j-cdi makes has no listener, so requests that are made of it"
                                + " directly have no rows: set dev.langchain4j.cdi.plugin.embed.config.listeners=lookup:@all");
    }
}
