package dev.tokentally.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.Response;
import dev.tokentally.langchain4j.TrackedCalls.Told;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import java.util.List;
import java.util.Set;

/** Records each embedding, also that of a picture alone, which LangChain4j refuses if the model has a listener. */
record TrackedEmbeddingModel(EmbeddingModel model, TrackedCalls calls) implements EmbeddingModel {

    @Override
    public EmbeddingResponse embed(EmbeddingRequest request) {
        return calls.ofModel(request.modelName())
                .call(request.inputs().size(), () -> model.embed(request), answer -> told(request, answer));
    }

    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        return calls.ofModel(request.modelName())
                .call(request.inputs().size(), () -> model.doEmbed(request), answer -> told(request, answer));
    }

    /** LangChain4j's counts do not say how many of the tokens are pictures or sound, which cost more or less than texts. */
    private static Told told(EmbeddingRequest request, EmbeddingResponse answer) {
        TokenUsage tokens = UsedTokens.of(answer.tokenUsage());
        return new Told(
                answer.modelName(),
                tokens == null || Forms.isTextAlone(request) ? tokens : tokens.with(UsageDoubt.INCOMPLETE));
    }

    @Override
    public Response<Embedding> embed(String text) {
        return calls.call(() -> model.embed(text), answer -> UsedTokens.of(answer.tokenUsage()));
    }

    @Override
    public Response<Embedding> embed(TextSegment text) {
        return calls.call(() -> model.embed(text), answer -> UsedTokens.of(answer.tokenUsage()));
    }

    /** If there is nothing to embed, a model sends nothing. */
    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> texts) {
        return texts == null || texts.isEmpty()
                ? model.embedAll(texts)
                : calls.call(
                        texts.size(),
                        () -> model.embedAll(texts),
                        answer -> new Told(null, UsedTokens.of(answer.tokenUsage())));
    }

    /** Most models know it. One that does not embeds a word once to find out, which has no row unless the model has a listener. */
    @Override
    public int dimension() {
        return model.dimension();
    }

    /** Listeners go to the model inside, so that what they record is a part of the call. */
    @Override
    public EmbeddingModel addListeners(List<EmbeddingModelListener> listeners) {
        return new TrackedEmbeddingModel(model.addListeners(listeners), calls);
    }

    @Override
    public List<EmbeddingModelListener> listeners() {
        return model.listeners();
    }

    @Override
    public ModelProvider provider() {
        return model.provider();
    }

    @Override
    public String modelName() {
        return model.modelName();
    }

    @Override
    public EmbeddingRequestParameters defaultRequestParameters() {
        return model.defaultRequestParameters();
    }

    @Override
    public Set<EmbeddingParameter<?>> supportedParameters() {
        return model.supportedParameters();
    }

    @Override
    public Set<ContentType> supportedContentTypes() {
        return model.supportedContentTypes();
    }
}
