package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.image.DisabledImageModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiImageModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.tokentally.scope.ApplicationBeans;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
                        (model, type) -> model.equals("behind-a-port"),
                        (part, type) -> part.equals("lookup:@all")))
                .containsExactly(
                        "The ChatModel chat that langchain4j-cdi makes has no listener, so requests that are made of it directly"
                                + " have no rows: set dev.langchain4j.cdi.plugin.chat.config.listeners=lookup:@all",
                        "The EmbeddingModel embed that langchain4j-cdi makes has no listener, so requests that are made of it"
                                + " directly have no rows: set dev.langchain4j.cdi.plugin.embed.config.listeners=lookup:@all");
    }

    @Test
    @DisplayName("is reported if no part of it may lead to our listener, without its value")
    void otherListeners() {
        Map<String, String> settings = Map.of(
                "dev.langchain4j.cdi.plugin.other.class", OpenAiChatModel.class.getName(),
                "dev.langchain4j.cdi.plugin.other.config.listeners", "com.acme.Log, com.acme.Trace",
                "dev.langchain4j.cdi.plugin.ours.class", OpenAiChatModel.class.getName(),
                "dev.langchain4j.cdi.plugin.ours.config.listeners", "com.acme.Log, ours",
                "dev.langchain4j.cdi.plugin.produced.class", OpenAiChatModel.class.getName(),
                "dev.langchain4j.cdi.plugin.produced.defined_bean_producer", "function",
                "dev.langchain4j.cdi.plugin.produced.config.listeners", "com.acme.Log");

        assertThat(PluginSettings.withoutListeners(
                        new TreeSet<>(settings.keySet()),
                        settings::get,
                        (model, type) -> false,
                        (part, type) -> part.equals("ours")))
                .containsExactly(
                        "The ChatModel other that langchain4j-cdi makes has listeners, but no TrackingChatModelListener, so"
                                + " requests that are made of it directly have no rows: set"
                                + " dev.langchain4j.cdi.plugin.other.config.listeners=lookup:@all");
    }

    @Test
    @DisplayName("cannot help a model without listeners, which is reported unless a bean wraps it")
    void withoutListeners() {
        Map<String, String> settings = Map.of(
                "dev.langchain4j.cdi.plugin.pictures.class", OpenAiImageModel.class.getName(),
                "dev.langchain4j.cdi.plugin.wrapped.class", OpenAiImageModel.class.getName(),
                "dev.langchain4j.cdi.plugin.disabled.class", DisabledImageModel.class.getName());

        assertThat(PluginSettings.withoutListeners(
                        new TreeSet<>(settings.keySet()),
                        settings::get,
                        (model, type) -> model.equals("wrapped"),
                        (part, type) -> true))
                .containsExactly(
                        "The ImageModel pictures that langchain4j-cdi makes is not wrapped, so its requests have no rows:"
                                + " make it in a producer that returns TrackedModels.image(model, provider, modelName)");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("may lead to our listener by a lookup, by its class, or by a class that this module does not see")
    @CsvSource({
        "lookup:@all, true",
        "lookup:@default, true",
        "lookup:no-such-bean, true",
        "com.acme.PerhapsASubclass, true",
        "dev.tokentally.langchain4j.TrackingChatModelListener, true",
        "dev.tokentally.langchain4j.TrackingChatModelListner, false",
        "dev.tokentally.langchain4j.TrackingEmbeddingModelListener, false",
    })
    void mayListen(String part, boolean may) {
        assertThat(new PortModels(new ApplicationBeans()).mayListen(part, ModelType.CHAT))
                .isEqualTo(may);
    }
}
