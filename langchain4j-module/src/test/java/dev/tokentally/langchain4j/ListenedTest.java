package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.DisabledChatModel;
import dev.langchain4j.model.chat.DisabledStreamingChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.embedding.DimensionAwareEmbeddingModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.image.DisabledImageModel;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.openai.OpenAiAudioTranscriptionModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiImageModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiTextToSpeechModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.tokentally.scope.CallScope;
import dev.tokentally.tracking.CallTracker;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A model whose requests nobody records")
class ListenedTest {

    private final TrackingChatModelListener listener = new TrackingChatModelListener(null, null);

    @Test
    @DisplayName("is a model of LangChain4j's without the listener")
    void unlistened() {
        assertThat(Listened.isUnlistened(
                        OpenAiChatModel.builder().apiKey("k").modelName("m").build()))
                .isTrue();
        assertThat(Listened.isUnlistened(OpenAiStreamingChatModel.builder()
                        .apiKey("k")
                        .modelName("m")
                        .build()))
                .isTrue();
        assertThat(Listened.isUnlistened(OpenAiEmbeddingModel.builder()
                        .apiKey("k")
                        .modelName("m")
                        .build()))
                .isTrue();
    }

    @Test
    @DisplayName("is not a model that has the listener or is wrapped")
    void listened() {
        assertThat(Listened.isUnlistened(OpenAiChatModel.builder()
                        .apiKey("k")
                        .modelName("m")
                        .listeners(listener)
                        .build()))
                .isFalse();
        assertThat(Listened.isUnlistened(OpenAiEmbeddingModel.builder()
                        .apiKey("k")
                        .modelName("m")
                        .listeners(List.of(new TrackingEmbeddingModelListener(null)))
                        .build()))
                .isFalse();
        StreamingChatModel model =
                OpenAiStreamingChatModel.builder().apiKey("k").modelName("m").build();
        assertThat(Listened.isUnlistened(
                        new TrackedStreamingChatModel(model, new CallTracker() {}, new CallScope() {})))
                .isFalse();
    }

    @Test
    @DisplayName("is the application's own model, unless it holds another model that it may ask")
    void ownModel() {
        assertThat(Listened.isUnlistened(new Own("m"))).isTrue();
        assertThat(Listened.isUnlistened(new Wrapper(new Own("m")))).isFalse();
    }

    @Test
    @DisplayName("is a provider's scoring, image or audio model that nobody has wrapped")
    void unwrapped() {
        ImageModel image = OpenAiImageModel.builder().apiKey("k").modelName("m").build();
        TrackedModels tracked = new TrackedModels(new CallTracker() {});

        assertThat(Listened.isUnlistened(image)).isTrue();
        assertThat(Listened.isUnlistened(OpenAiAudioTranscriptionModel.builder()
                        .apiKey("k")
                        .modelName("m")
                        .build()))
                .isTrue();
        assertThat(Listened.isUnlistened(OpenAiTextToSpeechModel.builder()
                        .apiKey("k")
                        .modelName("m")
                        .build()))
                .isTrue();
        assertThat(Listened.isUnlistened(tracked.image(image, "openai", "m"))).isFalse();
        assertThat(Listened.isUnlistened(tracked.embedding(OpenAiEmbeddingModel.builder()
                        .apiKey("k")
                        .modelName("m")
                        .build())))
                .isFalse();
        assertThat(Listened.isUnlistened((ScoringModel) (segments, query) -> null))
                .isFalse();
    }

    @Test
    @DisplayName("is not a model that refuses each request")
    void disabled() {
        assertThat(Listened.isUnlistened(new DisabledChatModel())).isFalse();
        assertThat(Listened.isUnlistened(new DisabledStreamingChatModel())).isFalse();
        assertThat(Listened.isUnlistened(new DisabledImageModel())).isFalse();
    }

    @Test
    @DisplayName("is known by its class if this has neither listeners of its own nor a field that may hold a model")
    void byClass() {
        assertThat(Listened.isNeverListened(Own.class)).isTrue();
        assertThat(Listened.isNeverListened(Asking.class)).isTrue();
        assertThat(Listened.isNeverListened(Wrapper.class)).isFalse();
        assertThat(Listened.isNeverListened(Listening.class)).isFalse();
        assertThat(Listened.isNeverListened(OpenAiChatModel.class)).isFalse();
    }

    @Test
    @DisplayName("is in a line of the log that says how to have it recorded")
    void lines() {
        assertThat(new ModelMaker("com.acme.Models.image", ModelType.IMAGE, Set.of()).unrecorded())
                .isEqualTo(
                        "The ImageModel that com.acme.Models.image has made is not wrapped, so its requests have no rows."
                                + " Return TrackedModels.image(model, provider, modelName), with TrackedModels as a parameter of the"
                                + " producer");
        assertThat(new ModelMaker("com.acme.Models.embedding", ModelType.EMBEDDING, Set.of()).unrecorded())
                .isEqualTo(
                        "The EmbeddingModel that com.acme.Models.embedding has made has no TrackingEmbeddingModelListener, so"
                                + " requests that are made of it directly have no rows. Give its builder"
                                + " .listeners(List.of(listener)), or return model.addListener(listener), with the"
                                + " TrackingEmbeddingModelListener as a parameter of the producer, or return"
                                + " TrackedModels.embedding(model)");
        assertThat(new ModelMaker("com.acme.Models.chat", ModelType.STREAMING, Set.of()).unrecorded())
                .endsWith(
                        "Give its builder .listeners(List.of(listener)), with the TrackingChatModelListener as a parameter"
                                + " of the producer, or wrap the model in a TrackedStreamingChatModel");
        assertThat(new ModelMaker("com.acme.Chat", ModelType.CHAT, Set.of()).unheardClass())
                .isEqualTo(
                        "The ChatModel bean com.acme.Chat has no TrackingChatModelListener, so requests that are made of it"
                                + " directly have no rows. Return a TrackingChatModelListener from listeners(), and answer in doChat");
    }

    @Test
    @DisplayName("is not an embedding model that computes in the application's own process")
    void inProcess() {
        EmbeddingModel model = new DimensionAwareEmbeddingModel() {
            @Override
            public Response<List<dev.langchain4j.data.embedding.Embedding>> embedAll(
                    List<dev.langchain4j.data.segment.TextSegment> segments) {
                return Response.from(List.of());
            }
        };
        assertThat(Listened.isUnlistened(model)).isFalse();
    }

    private static final class Own implements ChatModel {

        final String name;

        Own(String name) {
            this.name = name;
        }
    }

    private static final class Wrapper implements ChatModel {

        final ChatModel model;

        Wrapper(ChatModel model) {
            this.model = model;
        }
    }

    private static final class Asking implements ChatModel {

        final HttpClient client = HttpClient.newHttpClient();
        final URI address = URI.create("https://llm.example.com");
        Duration timeout;
    }

    private static final class Listening implements ChatModel {

        @Override
        public List<ChatModelListener> listeners() {
            return List.of();
        }
    }
}
