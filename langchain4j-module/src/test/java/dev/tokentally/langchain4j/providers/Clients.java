package dev.tokentally.langchain4j.providers;

import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.googleai.GoogleAiGeminiChatModel;
import dev.langchain4j.model.googleai.GoogleAiGeminiStreamingChatModel;
import dev.langchain4j.model.mistralai.MistralAiChatModel;
import dev.langchain4j.model.mistralai.MistralAiStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.tokentally.langchain4j.WatchedHttp;
import java.util.List;

/** LangChain4j's own models for such a provider. */
public final class Clients {

    private static final String KEY = "k";
    private static final String MODEL = "m";

    private Clients() {}

    /**
     * A model whose answers come as a whole.
     *
     * @param protocol the provider's protocol
     * @param baseUrl of the provider
     * @param listeners the listeners of the model
     * @return the model
     */
    public static ChatModel ordinary(Protocol protocol, String baseUrl, List<ChatModelListener> listeners) {
        return switch (protocol) {
            case OPENAI ->
                OpenAiChatModel.builder()
                        .baseUrl(baseUrl)
                        .apiKey(KEY)
                        .modelName(MODEL)
                        .maxRetries(0)
                        .listeners(listeners)
                        .build();
            case OPENAI_RESPONSES ->
                OpenAiResponsesChatModel.builder()
                        .baseUrl(baseUrl)
                        .apiKey(KEY)
                        .modelName(MODEL)
                        .listeners(listeners)
                        .build();
            case ANTHROPIC ->
                AnthropicChatModel.builder()
                        .baseUrl(baseUrl)
                        .apiKey(KEY)
                        .modelName(MODEL)
                        .maxRetries(0)
                        .listeners(listeners)
                        .build();
            case MISTRAL ->
                MistralAiChatModel.builder()
                        .baseUrl(baseUrl)
                        .apiKey(KEY)
                        .modelName(MODEL)
                        .maxRetries(0)
                        .listeners(listeners)
                        .build();
            case GEMINI, GEMINI_WATCHED ->
                GoogleAiGeminiChatModel.builder()
                        .baseUrl(baseUrl)
                        .apiKey(KEY)
                        .modelName(MODEL)
                        .maxRetries(0)
                        .httpClientBuilder(protocol == Protocol.GEMINI_WATCHED ? WatchedHttp.builder() : null)
                        .listeners(listeners)
                        .build();
            case BEDROCK -> BedrockClients.ordinary(baseUrl, listeners);
        };
    }

    /**
     * A model whose answers come in parts.
     *
     * @param protocol the provider's protocol
     * @param baseUrl of the provider
     * @param listeners the listeners of the model
     * @return the model
     */
    public static StreamingChatModel streaming(Protocol protocol, String baseUrl, List<ChatModelListener> listeners) {
        return switch (protocol) {
            case OPENAI ->
                OpenAiStreamingChatModel.builder()
                        .baseUrl(baseUrl)
                        .apiKey(KEY)
                        .modelName(MODEL)
                        .listeners(listeners)
                        .build();
            case OPENAI_RESPONSES ->
                OpenAiResponsesStreamingChatModel.builder()
                        .baseUrl(baseUrl)
                        .apiKey(KEY)
                        .modelName(MODEL)
                        .listeners(listeners)
                        .build();
            case ANTHROPIC ->
                AnthropicStreamingChatModel.builder()
                        .baseUrl(baseUrl)
                        .apiKey(KEY)
                        .modelName(MODEL)
                        .listeners(listeners)
                        .build();
            case MISTRAL ->
                MistralAiStreamingChatModel.builder()
                        .baseUrl(baseUrl)
                        .apiKey(KEY)
                        .modelName(MODEL)
                        .listeners(listeners)
                        .build();
            case GEMINI, GEMINI_WATCHED ->
                GoogleAiGeminiStreamingChatModel.builder()
                        .baseUrl(baseUrl)
                        .apiKey(KEY)
                        .modelName(MODEL)
                        .httpClientBuilder(protocol == Protocol.GEMINI_WATCHED ? WatchedHttp.builder() : null)
                        .listeners(listeners)
                        .build();
            case BEDROCK -> BedrockClients.streaming(baseUrl, listeners);
        };
    }
}
