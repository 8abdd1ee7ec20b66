package dev.tokentally.langchain4j;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponseMetadata;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.output.TokenUsage;
import dev.tokentally.scope.CallScope;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CostSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A wrapped embedding model")
class TrackedEmbeddingModelTest {

    private static final EmbeddingRequest PICTURE = EmbeddingRequest.builder()
            .inputs(EmbeddingInput.from(ImageContent.from("http://127.0.0.1/fox.png")))
            .build();

    private final InMemoryTally tally = new InMemoryTally();
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final TrackingEmbeddingModelListener listener = new TrackingEmbeddingModelListener(tally.tracker());
    private final TrackedModels models = new TrackedModels(tally.tracker());

    @Test
    @DisplayName("embeds a picture alone, which LangChain4j refuses if the model has a listener, and has a row for it")
    void pictureAlone() {
        assertThat(new OfPictures(List.of()).embed(PICTURE).embeddings()).hasSize(1);
        assertThatThrownBy(() -> new OfPictures(List.of(listener)).embed(PICTURE))
                .isInstanceOf(IllegalArgumentException.class);

        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            assertThat(models.embedding(new OfPictures(List.of()))
                            .embed(PICTURE)
                            .embeddings())
                    .hasSize(1);
        }

        CallRecord row = recorder.only();
        assertThat(row.usage().kind()).isEqualTo("embedding");
        assertThat(row.provider()).isEqualTo("openai");
        assertThat(row.model()).isEqualTo("text-embedding-3-small");
        assertThat(row.tokens().input()).isEqualTo(7);
        assertThat(row.costSource()).isEqualTo(CostSource.PARTIAL);
    }

    @Test
    @DisplayName("has one row for each call, whichever method is called, also if the model has the listener")
    void oneRow() {
        WireMockServer provider =
                new WireMockServer(wireMockConfig().bindAddress("127.0.0.1").dynamicPort());
        provider.stubFor(post("/v1/embeddings").willReturn(okJson("""
                {"model": "text-embedding-3-small", "data": [{"index": 0, "embedding": [0.1, 0.2]}],
                 "service_tier": "default", "usage": {"prompt_tokens": 8, "total_tokens": 8}}""")));
        provider.start();
        try {
            EmbeddingModel model = OpenAiEmbeddingModel.builder()
                    .baseUrl("http://localhost:" + provider.port() + "/v1")
                    .apiKey("k")
                    .modelName("text-embedding-3-small")
                    .httpClientBuilder(WatchedHttp.builder())
                    .listeners(List.of(listener))
                    .build();
            EmbeddingModel tracked = models.embedding(models.embedding(model)).addListener(listener);
            TextSegment fox = TextSegment.from("fox", Metadata.from("index", "0"));
            try (CallScope.Handle scope = scopes.enter("acme", "index")) {
                tracked.embed("fox");
                tracked.embed(fox);
                tracked.embedAll(List.of(fox));
                tracked.embed(EmbeddingRequest.builder()
                        .inputs(EmbeddingInput.from("fox"))
                        .build());
                tracked.embedAll(List.of());
                assertThat(tracked.dimension()).isEqualTo(1536);
            }
        } finally {
            provider.stop();
        }

        assertThat(recorder.all()).hasSize(4).allSatisfy(row -> {
            assertThat(row.model()).isEqualTo("text-embedding-3-small");
            assertThat(row.tokens().input()).isEqualTo(8);
            assertThat(row.usage().serviceTier()).as("in the raw answer alone").isEqualTo("standard");
            assertThat(row.costSource()).isEqualTo(CostSource.PRICE_LIST);
        });
    }

    @Test
    @DisplayName("may be billed if it fails with several texts, since some may have been embedded before")
    void fails() {
        EmbeddingModel failing = models.embedding(new EmbeddingModel() {
            @Override
            public EmbeddingResponse doEmbed(EmbeddingRequest request) {
                throw new RateLimitException("429");
            }
        });

        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            List<TextSegment> texts = List.of(TextSegment.from("fox"), TextSegment.from("dog"));
            assertThatThrownBy(() -> failing.embedAll(texts)).isInstanceOf(RateLimitException.class);
            assertThatThrownBy(() -> failing.embed("fox")).isInstanceOf(RateLimitException.class);
        }

        assertThat(recorder.all())
                .extracting(CallRecord::costSource)
                .containsExactly(CostSource.MAYBE_BILLED, CostSource.NONE);
    }

    @Test
    @DisplayName("is counted once outside a call scope")
    void withoutScope() {
        models.embedding(new OfPictures(List.of(listener))).embed("fox");

        assertThat(recorder.withoutScope()).hasSize(1);
        assertThat(recorder.all()).isEmpty();
    }

    /** A model that embeds pictures too. */
    private record OfPictures(List<EmbeddingModelListener> listeners) implements EmbeddingModel {

        @Override
        public EmbeddingResponse doEmbed(EmbeddingRequest request) {
            return EmbeddingResponse.builder()
                    .embeddings(List.of(Embedding.from(new float[] {1})))
                    .metadata(EmbeddingResponseMetadata.builder()
                            .tokenUsage(new TokenUsage(7))
                            .build())
                    .build();
        }

        @Override
        public Set<ContentType> supportedContentTypes() {
            return Set.of(ContentType.TEXT, ContentType.IMAGE);
        }

        @Override
        public ModelProvider provider() {
            return ModelProvider.OPEN_AI;
        }

        @Override
        public String modelName() {
            return "text-embedding-3-small";
        }
    }
}
