package dev.tokentally.langchain4j.providers;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The protocols in which a provider answers "fox", with a given usage object in the answer. The model is {@code m-1}. */
public enum Protocol {
    /** OpenAI's chat completions, served in the tier {@code flex}. */
    OPENAI("openai", List.of("""
            {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200,
             "prompt_tokens_details": {"cached_tokens": 400, "audio_tokens": 100},
             "completion_tokens_details": {"reasoning_tokens": 50, "audio_tokens": 30}}""", """
            {"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 351,
             "completion_tokens_details": {"reasoning_tokens": 310}}""", """
            {"prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 298}""", """
            {"prompt_tokens": 30, "completion_tokens": 7, "total_tokens": 37,
             "prompt_tokens_details": {"cached_tokens": 31}}""", """
            {"prompt_tokens": 3019, "completion_tokens": 104, "total_tokens": 3123,
             "prompt_tokens_details": {"cached_tokens": 2048, "cache_write_tokens": 900}}""")) {
        @Override
        String body(String usage) {
            return """
                    {"id": "1", "model": "m-1", "service_tier": "flex", "usage": %s,
                     "choices": [{"index": 0, "message": {"role": "assistant", "content": "fox"}, "finish_reason": "stop"}]}""".formatted(usage);
        }

        @Override
        List<String> events(String usage) {
            return List.of(
                    "{'id': '1', 'model': 'm-1', 'choices': [{'index': 0, 'delta': {'content': 'fox'}}], 'usage': null}",
                    "{'id': '1', 'model': 'm-1', 'choices': [{'index': 0, 'delta': {}, 'finish_reason': 'stop'}]}",
                    "{'id': '1', 'model': 'm-1', 'choices': [], 'service_tier': 'flex', 'usage': " + usage + "}",
                    "[DONE]");
        }
    },
    /** OpenAI's Responses API, served in the tier {@code priority}. */
    OPENAI_RESPONSES("openai", List.of("""
            {"input_tokens": 75, "input_tokens_details": {"cached_tokens": 10}, "output_tokens": 1186,
             "output_tokens_details": {"reasoning_tokens": 1024}, "total_tokens": 1261}""", """
            {"input_tokens": 37, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 30},
             "output_tokens": 11, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 48}""", """
            {"input_tokens": 37, "output_tokens": 11, "total_tokens": 48}""")) {
        @Override
        String body(String usage) {
            return """
                    {"id": "1", "object": "response", "status": "completed", "model": "m-1", "service_tier": "priority",
                     "output": [{"type": "message", "id": "2", "role": "assistant", "status": "completed",
                                 "content": [{"type": "output_text", "text": "fox", "annotations": []}]}],
                     "usage": %s}""".formatted(usage);
        }

        @Override
        List<String> events(String usage) {
            return List.of(
                    "{'type': 'response.output_text.delta', 'item_id': '2', 'output_index': 0, 'content_index': 0, 'delta': 'fox'}",
                    "{'type': 'response.completed', 'response': " + body(usage) + "}");
        }
    },
    /**
     * Anthropic's messages. The first event of a stream has the whole usage object, except its output of 393 and two
     * searches.
     */
    ANTHROPIC("anthropic", List.of("""
            {"input_tokens": 21, "cache_creation_input_tokens": 300, "cache_read_input_tokens": 1000,
             "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
             "output_tokens": 393, "service_tier": "priority", "server_tool_use": {"web_search_requests": 2}}""", """
            {"input_tokens": 21, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
             "output_tokens": 393, "service_tier": "standard", "inference_geo": "us",
             "server_tool_use": {"web_search_requests": 2}}""", """
            {"input_tokens": 21, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 0,
             "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 6},
             "output_tokens": 393, "server_tool_use": {"web_search_requests": 2}}""")) {
        @Override
        String body(String usage) {
            return """
                    {"id": "1", "type": "message", "role": "assistant", "model": "m-1", "content": [{"type": "text", "text": "fox"}],
                     "stop_reason": "end_turn", "usage": %s}""".formatted(usage);
        }

        @Override
        List<String> events(String usage) {
            String begun =
                    usage.replace("393", "1").replace("\"web_search_requests\": 2", "\"web_search_requests\": 0");
            return List.of(
                    "{'type': 'message_start', 'message': {'id': '1', 'type': 'message', 'role': 'assistant', 'model': 'm-1',"
                            + " 'content': [], 'usage': " + begun + "}}",
                    "{'type': 'content_block_start', 'index': 0, 'content_block': {'type': 'text', 'text': ''}}",
                    "{'type': 'content_block_delta', 'index': 0, 'delta': {'type': 'text_delta', 'text': 'fox'}}",
                    "{'type': 'content_block_stop', 'index': 0}",
                    "{'type': 'message_delta', 'delta': {'stop_reason': 'end_turn'},"
                            + " 'usage': {'output_tokens': 393, 'server_tool_use': {'web_search_requests': 2}}}",
                    "{'type': 'message_stop'}");
        }
    },
    /** Mistral's chat completions. */
    MISTRAL("mistral_ai", List.of("""
            {"prompt_tokens": 50, "total_tokens": 70, "completion_tokens": 20, "num_cached_tokens": 16}""", """
            {"prompt_tokens": 50, "total_tokens": 70, "completion_tokens": 20,
             "prompt_tokens_details": {"cached_tokens": 16}}""", """
            {"prompt_tokens": 50, "total_tokens": 70, "completion_tokens": 20, "prompt_audio_seconds": 12}""")) {
        @Override
        String body(String usage) {
            return """
                    {"id": "1", "model": "m-1", "usage": %s,
                     "choices": [{"index": 0, "message": {"role": "assistant", "content": "fox"}, "finish_reason": "stop"}]}""".formatted(usage);
        }

        @Override
        List<String> events(String usage) {
            return List.of(
                    "{'id': '1', 'model': 'm-1', 'choices': [{'index': 0, 'delta': {'content': 'fox'}}]}",
                    "{'id': '1', 'model': 'm-1', 'choices': [{'index': 0, 'delta': {'content': ''}, 'finish_reason': 'stop'}],"
                            + " 'usage': " + usage + "}",
                    "[DONE]");
        }
    },
    /** Gemini's protocol. The first event of a stream has only the count of the prompt. */
    GEMINI("gcp.gemini", List.of("""
            {"promptTokenCount": 60, "candidatesTokenCount": 20, "thoughtsTokenCount": 30, "totalTokenCount": 110,
             "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 60}]}""", """
            {"promptTokenCount": 2600, "candidatesTokenCount": 20, "totalTokenCount": 2620, "cachedContentTokenCount": 2048,
             "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 2600}],
             "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 2048}]}""", """
            {"promptTokenCount": 60, "candidatesTokenCount": 20, "totalTokenCount": 80}""", """
            {"promptTokenCount": 100, "candidatesTokenCount": 20, "thoughtsTokenCount": 30, "toolUsePromptTokenCount": 400,
             "totalTokenCount": 550, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 100}],
             "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 400}]}""", """
            {"promptTokenCount": 60, "candidatesTokenCount": 20, "totalTokenCount": 95}""", """
            {"promptTokenCount": 400, "candidatesTokenCount": 50, "totalTokenCount": 450, "cachedContentTokenCount": 100,
             "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 300}, {"modality": "TEXT", "tokenCount": 100}],
             "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 80}, {"modality": "TEXT", "tokenCount": 20}]}""", """
            {"promptTokenCount": 300, "candidatesTokenCount": 50, "totalTokenCount": 350,
             "promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 258}, {"modality": "TEXT", "tokenCount": 42}]}""", """
            {"promptTokenCount": 30, "candidatesTokenCount": 7, "totalTokenCount": 37, "cachedContentTokenCount": 31}""")) {
        @Override
        String body(String usage) {
            return """
                    {"candidates": [{"content": {"role": "model", "parts": [{"text": "fox"}]}, "finishReason": "STOP"}],
                     "modelVersion": "m-1", "responseId": "1", "usageMetadata": %s}""".formatted(usage);
        }

        @Override
        List<String> events(String usage) {
            return List.of(
                    "{'candidates': [{'content': {'role': 'model', 'parts': [{'text': 'fo'}]}}], 'modelVersion': 'm-1',"
                            + " 'responseId': '1', 'usageMetadata': {'promptTokenCount': 9, 'totalTokenCount': 9}}",
                    body(usage).replace("fox", "x"));
        }
    },
    /** Gemini's protocol, with a watched HTTP client. */
    GEMINI_WATCHED("gcp.gemini", GEMINI.usages) {
        @Override
        String body(String usage) {
            return GEMINI.body(usage);
        }

        @Override
        List<String> events(String usage) {
            return GEMINI.events(usage);
        }
    },
    /** Bedrock's Converse. */
    BEDROCK("aws.bedrock", List.of("""
            {"inputTokens": 30, "outputTokens": 7, "totalTokens": 37}""", """
            {"inputTokens": 30, "outputTokens": 7, "totalTokens": 2085, "cacheReadInputTokens": 2048,
             "cacheWriteInputTokens": 0}""", """
            {"inputTokens": 30, "outputTokens": 7, "totalTokens": 537, "cacheReadInputTokens": 0, "cacheWriteInputTokens": 500,
             "cacheDetails": [{"ttl": "1h", "inputTokens": 300}, {"ttl": "5m", "inputTokens": 200}]}""", """
            {"inputTokens": 30, "outputTokens": 7, "totalTokens": 2585, "cacheReadInputTokens": 2048,
             "cacheWriteInputTokens": 500}""")) {
        @Override
        String body(String usage) {
            return """
                    {"output": {"message": {"role": "assistant", "content": [{"text": "fox"}]}}, "stopReason": "end_turn",
                     "metrics": {"latencyMs": 1}, "usage": %s}""".formatted(usage);
        }

        @Override
        List<String> events(String usage) {
            return List.of(
                    "messageStart {'role': 'assistant'}",
                    "contentBlockDelta {'contentBlockIndex': 0, 'delta': {'text': 'fox'}}",
                    "contentBlockStop {'contentBlockIndex': 0}",
                    "messageStop {'stopReason': 'end_turn'}",
                    "metadata {'metrics': {'latencyMs': 1}, 'usage': " + usage + "}");
        }

        @Override
        String streamType() {
            return "application/vnd.amazon.eventstream";
        }

        @Override
        byte[] stream(String usage) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (String event : events(usage)) {
                String[] nameAndData = event.replace('\'', '"').split(" ", 2);
                body.writeBytes(AmazonEvent.encode(nameAndData[0], nameAndData[1]));
            }
            return body.toByteArray();
        }
    };

    private final String provider;
    private final List<String> usages;

    Protocol(String provider, List<String> usages) {
        this.provider = provider;
        this.usages = usages;
    }

    /**
     * The usage objects of the provider. The first one has the most counts.
     *
     * @return as JSON
     */
    public List<String> usages() {
        return usages;
    }

    /**
     * The provider's name.
     *
     * @return the name as our rows have it
     */
    public String provider() {
        return provider;
    }

    /** An ordinary answer. */
    abstract String body(String usage);

    /** The data of the events of a streamed answer. An apostrophe stands for a quotation mark. */
    abstract List<String> events(String usage);

    /** The content type of a streamed answer. */
    String streamType() {
        return "text/event-stream";
    }

    /** A streamed answer as it is sent. If an event has a type, its name is the type. */
    byte[] stream(String usage) {
        StringBuilder body = new StringBuilder();
        for (String event : events(usage)) {
            String data = event.replace('\'', '"').replaceAll("\\s*\n\\s*", " ");
            String type = data.replaceFirst("(?s)^\\{\"type\": \"([a-z_.]+)\".*", "$1");
            if (!type.equals(data)) {
                body.append("event: ").append(type).append('\n');
            }
            body.append("data: ").append(data).append("\n\n");
        }
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }
}
