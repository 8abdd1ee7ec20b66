package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.Response;
import dev.tokentally.scope.CallScope;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("An embedding that ends with an Error, of which LangChain4j tells no listener,")
class EmbeddingErrorsTest {

    private final InMemoryTally tally = new InMemoryTally();
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final TrackingEmbeddingModelListener listener = new TrackingEmbeddingModelListener(tally.tracker());
    private final Model model = new Model(List.of(listener));

    static Stream<Arguments> nextModels() {
        return Stream.of(
                Arguments.of("the same model", (Function<EmbeddingModel[], EmbeddingModel>) models -> models[1]),
                Arguments.of("the same model with the listener added anew", (Function<EmbeddingModel[], EmbeddingModel>)
                        models -> models[0].addListeners(List.copyOf(models[0].listeners()))),
                Arguments.of("the model inside", (Function<EmbeddingModel[], EmbeddingModel>) models -> models[0]));
    }

    @ParameterizedTest(name = "by {0}")
    @DisplayName("leaves the next embedding of the same text its own row, and gets a row as unfinished")
    @MethodSource("nextModels")
    void nextCall(String which, Function<EmbeddingModel[], EmbeddingModel> next) throws InterruptedException {
        EmbeddingModel added = model.addListener(listener);
        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            model.failure = new NoClassDefFoundError();
            assertThatThrownBy(() -> added.embed("fox")).isSameAs(model.failure);
            model.failure = null;
            next.apply(new EmbeddingModel[] {model, added}).embed("fox");
        }

        assertThat(recorder.only().status()).isEqualTo(CallStatus.OK);
        for (int i = 0; i < 500 && recorder.all().size() < 2; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(recorder.all()).extracting(CallRecord::errorClass).containsExactly(null, "UnfinishedCallException");
    }

    @Test
    @DisplayName("is told from a model that the application has put between two models with the listener")
    void nested() {
        EmbeddingModel inner = model.addListener(listener);
        EmbeddingModel between = new EmbeddingModel() {
            @Override
            public Response<List<Embedding>> embedAll(List<TextSegment> texts) {
                return inner.embedAll(texts);
            }
        };
        EmbeddingModel outer = between.addListener(listener);

        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            outer.embedAll(List.of(TextSegment.from("fox")));
            outer.embedAll(List.of(TextSegment.from("fox")));
        }

        assertThat(recorder.all()).hasSize(2).allSatisfy(row -> assertThat(row.status())
                .isEqualTo(CallStatus.OK));
    }

    private static final class Model implements EmbeddingModel {

        private final List<EmbeddingModelListener> listeners;
        private Error failure;

        Model(List<EmbeddingModelListener> listeners) {
            this.listeners = listeners;
        }

        @Override
        public EmbeddingResponse doEmbed(EmbeddingRequest request) {
            if (failure != null) {
                throw failure;
            }
            return EmbeddingResponse.builder()
                    .embeddings(List.of(Embedding.from(new float[] {1})))
                    .build();
        }

        @Override
        public List<EmbeddingModelListener> listeners() {
            return listeners;
        }
    }
}
