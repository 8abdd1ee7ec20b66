package dev.tokentally.langchain4j;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.serverError;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.github.tomakehurst.wiremock.WireMockServer;
import dev.langchain4j.data.audio.Audio;
import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.model.audio.AudioTranscriptionModel;
import dev.langchain4j.model.audio.AudioTranscriptionRequest;
import dev.langchain4j.model.audio.AudioTranscriptionResponse;
import dev.langchain4j.model.audio.TextToSpeechModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponseMetadata;
import dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.moderation.ModerationModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiImageModel;
import dev.langchain4j.model.openai.OpenAiModerationModel;
import dev.langchain4j.model.openai.OpenAiTextToSpeechModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.scope.CallScope;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A model of another kind than chat")
class OtherKindsTest {

    private static final String EMBEDDED = """
            {"object": "list", "model": "text-embedding-3-small", "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}],
             "usage": {"prompt_tokens": 8, "total_tokens": 8}}""";

    private static WireMockServer provider;

    private final InMemoryTally tally = new InMemoryTally();
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final CallTracker tracker = tally.tracker();
    private final TrackingEmbeddingModelListener embeddings = new TrackingEmbeddingModelListener(tracker);
    private final TrackedModels models = new TrackedModels(tracker);

    @BeforeAll
    static void startProvider() {
        provider = new WireMockServer(wireMockConfig().bindAddress("127.0.0.1").dynamicPort());
        provider.stubFor(post("/v1/embeddings").willReturn(okJson(EMBEDDED)));
        provider.stubFor(post("/broken/embeddings").willReturn(serverError()));
        provider.stubFor(post("/v1/moderations").willReturn(okJson("""
                {"id": "modr-1", "model": "omni-moderation-latest", "results": [{"flagged": false}]}""")));
        provider.stubFor(post("/broken/moderations").willReturn(serverError()));
        provider.stubFor(post("/v1/images/generations").willReturn(okJson("""
                {"created": 1, "data": [{"url": "http://127.0.0.1/fox.png"}], "usage": {"input_tokens": 13, "output_tokens": 1056}}""")));
        provider.stubFor(post("/v1/audio/speech").willReturn(aResponse().withBody(new byte[] {1, 2, 3})));
        provider.start();
    }

    @AfterAll
    static void stopProvider() {
        provider.stop();
    }

    @Test
    @DisplayName("that embeds gets a row for each call, with the tokens of its input, whichever method is called")
    void embedding() {
        EmbeddingModel model =
                embeddingModel("v1").listeners(List.of(embeddings)).build();

        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            assertThat(model.embed("fox").content().vector()).hasSize(2);
            assertThat(model.embedAll(List.of(TextSegment.from("fox"))).content())
                    .hasSize(1);
            assertThat(model.embed(TextSegment.from("fox")).tokenUsage().inputTokenCount())
                    .isEqualTo(8);
        }

        assertThat(recorder.whileTheCallerWaits()).hasSize(3).allSatisfy(row -> {
            isOf(row, "embedding", "openai", "text-embedding-3-small");
            assertThat(row.tokens().input()).isEqualTo(8);
            assertThat(row.tokens().doubts()).isEmpty();
            assertThat(row.status()).isEqualTo(CallStatus.OK);
        });
    }

    @Test
    @DisplayName("that embeds gets one row for each call, even if the listener is added to a model that already has it")
    void addedListener() {
        EmbeddingModel has = embeddingModel("v1").listeners(List.of(embeddings)).build();
        EmbeddingModel hasNot = embeddingModel("v1").build();

        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            has.addListener(embeddings).embed("fox");
            assertThat(recorder.whileTheCallerWaits()).hasSize(1);
            hasNot.addListener(embeddings).embedAll(List.of(TextSegment.from("fox")));
            assertThat(recorder.whileTheCallerWaits()).hasSize(2);
            has.embed("fox");
            has.embed("fox");
        }

        assertThat(recorder.whileTheCallerWaits())
                .hasSize(4)
                .allSatisfy(row -> isOf(row, "embedding", "openai", "text-embedding-3-small"));
    }

    @Test
    @DisplayName(
            "that embeds gets one row if the listener is added again, also for texts with metadata, as splitters make them")
    void addedListenerAndMetadata() {
        EmbeddingModel model =
                embeddingModel("v1").listeners(List.of(embeddings)).build().addListener(embeddings);
        TextSegment fox = TextSegment.from("fox", Metadata.from("index", "0"));

        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            model.embedAll(List.of(fox));
            assertThat(recorder.all()).hasSize(1);
            model.embed(fox);
        }

        assertThat(recorder.all()).hasSize(2);
    }

    @Test
    @DisplayName("that embeds gets no row if there is nothing to embed, since then nothing is sent")
    void nothingToEmbed() {
        EmbeddingModel has = embeddingModel("v1").listeners(List.of(embeddings)).build();

        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            has.embedAll(List.of());
            has.addListener(embeddings).embedAll(List.of());
            embeddingModel("v1").build().addListener(embeddings).embedAll(List.of());
        }

        assertThat(recorder.all()).isEmpty();
    }

    @Test
    @DisplayName("that embeds and fails gets one error row for all its retries, and the next call gets its own row")
    void embeddingFails() {
        EmbeddingModel model = embeddingModel("broken")
                .maxRetries(1)
                .listeners(List.of(embeddings))
                .build();
        EmbeddingModel added = model.addListener(embeddings);

        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            assertThatThrownBy(() -> added.embed("fox")).isInstanceOf(InternalServerException.class);
            assertThatThrownBy(() -> added.embed("fox")).isInstanceOf(InternalServerException.class);
        }

        assertThat(recorder.whileTheCallerWaits()).hasSize(2).allSatisfy(row -> {
            isOf(row, "embedding", "openai", "text-embedding-3-small");
            assertThat(row.status()).isEqualTo(CallStatus.ERROR);
            assertThat(row.errorClass()).isEqualTo("InternalServerException");
        });
    }

    @Test
    @DisplayName("that embeds and has no name of a provider or model gets a row without them")
    void unnamed() {
        EmbeddingModel unnamed = new EmbeddingModel() {
            @Override
            public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
                return Response.from(List.of(Embedding.from(new float[] {1})), new TokenUsage(null, null, 7));
            }
        };

        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            unnamed.addListener(embeddings).embedAll(List.of(TextSegment.from("fox")));
        }

        CallRecord row = recorder.only();
        isOf(row, "embedding", "", "");
        assertThat(row.tokens().input()).as("a total alone is the input").isEqualTo(7);
        assertThat(row.tokens().doubts()).isEmpty();
    }

    @Test
    @DisplayName("that moderates gets a row for each call, with unknown tokens")
    void moderation() {
        TrackingModerationModelListener listener = new TrackingModerationModelListener(tracker);
        ModerationModel model = moderationModel("v1", listener);
        ModerationModel broken = moderationModel("broken", listener);

        try (CallScope.Handle scope = scopes.enter("acme", "moderate")) {
            assertThat(model.moderate("fox").content().flagged()).isFalse();
            assertThatThrownBy(() -> broken.moderate("fox")).isInstanceOf(InternalServerException.class);
        }

        assertThat(recorder.whileTheCallerWaits())
                .hasSize(2)
                .allSatisfy(row -> isOf(row, "moderation", "openai", "omni-moderation-latest"));
        assertThat(recorder.whileTheCallerWaits().get(0).tokens().doubts()).containsExactly("input_unknown");
        assertThat(recorder.whileTheCallerWaits().get(1).errorClass()).isEqualTo("InternalServerException");
    }

    @Test
    @DisplayName("that ranks gets a row for each call, with its tokens")
    void scoring() {
        ScoringModel ranks = (segments, query) -> Response.from(List.of(0.5), new TokenUsage(21));
        ScoringModel tracked = models.scoring(ranks, "voyage", "rerank-2");

        try (CallScope.Handle scope = scopes.enter("acme", "rank")) {
            assertThat(tracked.score("fox", "quick?").content()).isEqualTo(0.5);
        }

        CallRecord row = recorder.only();
        isOf(row, "rerank", "voyage", "rerank-2");
        assertThat(row.tokens().input()).isEqualTo(21);
        assertThat(row.tokens().doubts()).isEmpty();
    }

    @Test
    @DisplayName("that ranks and fails gets an error row, and throws the same exception")
    void scoringFails() {
        IllegalStateException thrown = new IllegalStateException("refused");
        ScoringModel tracked = models.scoring(
                (segments, query) -> {
                    throw thrown;
                },
                null,
                null);

        try (CallScope.Handle scope = scopes.enter("acme", "rank")) {
            assertThatThrownBy(() -> tracked.score("fox", "quick?")).isSameAs(thrown);
        }

        isOf(recorder.only(), "rerank", "", "");
        assertThat(recorder.only().errorClass()).isEqualTo("IllegalStateException");
    }

    @Test
    @DisplayName("that makes images gets a row for each request")
    void images() {
        ImageModel model = models.image(
                OpenAiImageModel.builder()
                        .baseUrl("http://localhost:" + provider.port() + "/v1")
                        .apiKey("k")
                        .modelName("gpt-image-1")
                        .build(),
                "openai",
                "gpt-image-1");

        try (CallScope.Handle scope = scopes.enter("acme", "draw")) {
            Response<Image> answer = model.generate("a fox");
            assertThat(answer.content().url()).hasPath("/fox.png");
            assertThat(model.generate("foxes", 2).content()).hasSize(1);
        }

        assertThat(recorder.whileTheCallerWaits())
                .hasSize(2)
                .allSatisfy(row -> isOf(row, "image", "openai", "gpt-image-1"));
    }

    @Test
    @DisplayName("that makes images has a partial price by LangChain4j's counts, which do not say what is an image")
    void imagesByClass() {
        ImageModel model = models.image(
                new ImageModel() {
                    @Override
                    public Response<Image> generate(String prompt) {
                        return Response.from(
                                Image.builder().base64Data("AA==").build(),
                                prompt.isEmpty()
                                        ? null
                                        : GoogleAiGeminiTokenUsage.builder()
                                                .inputTokenCount(10)
                                                .outputTokenCount(1304)
                                                .totalTokenCount(1314)
                                                .build());
                    }
                },
                "gcp.gemini",
                "gemini-2.5-flash-image");

        try (CallScope.Handle scope = scopes.enter("acme", "draw")) {
            model.generate("a fox");
            model.generate("");
        }

        CallRecord told = recorder.whileTheCallerWaits().get(0);
        assertThat(told.tokens()).isEqualTo(new TokenCounts(10, 1304, 0, 0, 0, Map.of(), Set.of("incomplete")));
        assertThat(told.costSource()).isIn(CostSource.PARTIAL, CostSource.NONE);
        assertThat(recorder.whileTheCallerWaits().get(1).tokens().doubts()).containsExactly("input_unknown");
    }

    @Test
    @DisplayName("that makes images has the provider's own counts if the HTTP client is watched")
    void imagesWatched() {
        ImageModel model = models.image(
                OpenAiImageModel.builder()
                        .baseUrl("http://localhost:" + provider.port() + "/v1")
                        .apiKey("k")
                        .modelName("gpt-image-1")
                        .httpClientBuilder(WatchedHttp.builder())
                        .build(),
                "openai",
                "gpt-image-1");

        try (CallScope.Handle scope = scopes.enter("acme", "draw")) {
            model.generate("a fox");
        }

        assertThat(recorder.only().tokens()).isEqualTo(new TokenCounts(13, 1056, 0, 0, 0));
    }

    @Test
    @DisplayName(
            "that embeds a picture has a partial price by LangChain4j's counts, which do not say what is a picture")
    void embeddedPicture() {
        EmbeddingModel model = new EmbeddingModel() {
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
            public List<EmbeddingModelListener> listeners() {
                return List.of(embeddings);
            }
        };

        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            model.embed(EmbeddingRequest.builder()
                    .inputs(EmbeddingInput.from(
                            TextContent.from("a fox"), ImageContent.from("http://127.0.0.1/fox.png")))
                    .build());
            model.embed(EmbeddingRequest.builder()
                    .inputs(EmbeddingInput.from("fox"))
                    .build());
        }

        assertThat(recorder.whileTheCallerWaits())
                .extracting(row -> row.tokens().doubts())
                .containsExactly(Set.of("incomplete"), Set.of());
    }

    @Test
    @DisplayName("that ranks has its input from a total alone, and its search units from an object without tokens")
    void rankingWithoutTokens() {
        try (CallScope.Handle scope = scopes.enter("acme", "rank")) {
            models.scoring(
                            (segments, query) -> Response.from(List.of(0.5), new TokenUsage(null, 0, 815)),
                            "jina",
                            "jina-reranker-v2")
                    .score("fox", "quick?");
        }

        assertThat(recorder.only().tokens()).isEqualTo(new TokenCounts(815, 0, 0, 0, 0));
        assertThat(Used.of("cohere", RawUsage.ofBody("{\"usage\": {\"search_units\": 1}}"), () -> Used.UNKNOWN)
                        .tokens()
                        .meters())
                .isEqualTo(Map.of("search_units", 1L));
        assertThat(Used.of("cohere", RawUsage.ofBody("{\"usage\": {\"search_units\": 0}}"), () -> Used.UNKNOWN))
                .isEqualTo(Used.UNKNOWN);
    }

    @Test
    @DisplayName("that transcribes or speaks gets a row for each call")
    void audio() {
        AudioTranscriptionModel hears = models.transcription(
                request -> AudioTranscriptionResponse.from("The fox is quick."), "gpt-4o-mini-transcribe");
        TextToSpeechModel speaks = models.speech(
                OpenAiTextToSpeechModel.builder()
                        .baseUrl("http://localhost:" + provider.port() + "/v1")
                        .apiKey("k")
                        .modelName("gpt-4o-mini-tts")
                        .build(),
                "gpt-4o-mini-tts");

        try (CallScope.Handle scope = scopes.enter("acme", "talk")) {
            Audio fox = Audio.builder()
                    .binaryData(new byte[] {1})
                    .mimeType("audio/wav")
                    .build();
            assertThat(hears.transcribe(AudioTranscriptionRequest.builder(fox).build())
                            .text())
                    .isEqualTo("The fox is quick.");
            assertThat(hears.transcribeToText(fox)).isNotBlank();
            assertThat(speaks.synthesize("The fox is quick.").audio()).isNotNull();
        }

        assertThat(recorder.whileTheCallerWaits())
                .hasSize(3)
                .allSatisfy(row -> assertThat(row.usage().kind()).isEqualTo("audio"))
                .extracting(CallRecord::provider, CallRecord::model)
                .containsExactly(
                        tuple("", "gpt-4o-mini-transcribe"),
                        tuple("", "gpt-4o-mini-transcribe"),
                        tuple("openai", "gpt-4o-mini-tts"));
    }

    @Test
    @DisplayName("answers without a call scope too, and the missing scope is reported")
    void withoutScope() {
        embeddingModel("v1").listeners(List.of(embeddings)).build().embed("fox");
        models.scoring((segments, query) -> Response.from(List.of(0.5)), "voyage", "rerank-2")
                .score("fox", "quick?");

        assertThat(recorder.withoutScope()).hasSize(2);
        assertThat(recorder.whileTheCallerWaits()).isEmpty();
    }

    @Test
    @DisplayName("has no row inside a call of a port, whose row stands for everything, and one WARNING says so")
    void insidePort() {
        EmbeddingModel model =
                embeddingModel("v1").listeners(List.of(embeddings)).build();
        LlmPort retrieving = tally.track(new LlmPort() {
            @Override
            public <T> LlmResponse<T> complete(LlmRequest<T> request) {
                model.embed("fox");
                return LlmResponse.of(null, "gpt-4o", dev.tokentally.llm.TokenUsage.of(1, 1), null);
            }
        });
        LlmRequest<String> question = LlmRequest.of(null, "hello", null, String.class);

        try (LogLines log = LogLines.of(CallTracker.class.getName());
                CallScope.Handle scope = scopes.enter("acme", "chat")) {
            retrieving.complete(question);
            retrieving.complete(question);

            assertThat(log.all()).singleElement(STRING).contains("(embedding)", "has no row", "outside of the LlmPort");
        }
        assertThat(recorder.all()).hasSize(2).allSatisfy(row -> isOf(row, "chat", "", "gpt-4o"));
    }

    @Test
    @DisplayName("has no row inside a call of a port that is about the same request, and the log has no WARNING")
    void behindPort() {
        EmbeddingModel model =
                embeddingModel("v1").listeners(List.of(embeddings)).build();
        LlmPort embedding = tally.track(new LlmPort() {
            @Override
            public <T> LlmResponse<T> complete(LlmRequest<T> request) {
                model.embed(request.userMessage());
                return LlmResponse.<T>of(null, "gpt-4o", dev.tokentally.llm.TokenUsage.of(1, 0), null)
                        .withKind("embedding");
            }
        });

        try (LogLines log = LogLines.of(CallTracker.class.getName());
                CallScope.Handle scope = scopes.enter("acme", "index")) {
            embedding.complete(LlmRequest.of(null, "hello", null, String.class));

            assertThat(log.all()).isEmpty();
        }
        isOf(recorder.only(), "embedding", "", "gpt-4o");
    }

    private static void isOf(CallRecord row, String kind, String who, String model) {
        assertThat(row.usage().kind()).isEqualTo(kind);
        assertThat(row.provider()).isEqualTo(who);
        assertThat(row.model()).isEqualTo(model);
    }

    private static OpenAiEmbeddingModel.OpenAiEmbeddingModelBuilder embeddingModel(String version) {
        return OpenAiEmbeddingModel.builder()
                .baseUrl("http://localhost:" + provider.port() + "/" + version)
                .apiKey("k")
                .modelName("text-embedding-3-small")
                .maxRetries(0);
    }

    private static ModerationModel moderationModel(String version, TrackingModerationModelListener listener) {
        return OpenAiModerationModel.builder()
                .baseUrl("http://localhost:" + provider.port() + "/" + version)
                .apiKey("k")
                .modelName("omni-moderation-latest")
                .maxRetries(0)
                .listeners(List.of(listener))
                .build();
    }
}
