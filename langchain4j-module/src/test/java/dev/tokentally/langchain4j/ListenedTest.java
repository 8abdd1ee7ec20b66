package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.embedding.DimensionAwareEmbeddingModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.Response;
import dev.tokentally.scope.CallScope;
import dev.tokentally.tracking.CallTracker;
import java.util.List;
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
}
