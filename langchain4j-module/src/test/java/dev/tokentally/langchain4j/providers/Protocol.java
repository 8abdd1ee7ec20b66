package dev.tokentally.langchain4j.providers;

import java.util.List;

/** How a provider answers "fox", with a given usage object in its answer; the model is {@code m-1}. */
public enum Protocol {
    /** OpenAI's chat completions, served in the tier {@code flex}. */
    OPENAI("openai") {
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
    OPENAI_RESPONSES("openai") {
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
    /** Anthropic's messages. A stream's first event has the whole usage object but for its output of 393 and two searches. */
    ANTHROPIC("anthropic") {
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
    MISTRAL("mistral_ai") {
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
    };

    private final String provider;

    Protocol(String provider) {
        this.provider = provider;
    }

    /**
     * Who answers so.
     *
     * @return as our rows name it
     */
    public String provider() {
        return provider;
    }

    /** An ordinary answer. */
    abstract String body(String usage);

    /** The data of a streamed answer's events; an apostrophe stands for a quotation mark. */
    abstract List<String> events(String usage);

    /** A streamed answer as it goes over the wire: an event with a type is named after it. */
    String stream(String usage) {
        StringBuilder body = new StringBuilder();
        for (String event : events(usage)) {
            String data = event.replace('\'', '"').replaceAll("\\s*\n\\s*", " ");
            String type = data.replaceFirst("(?s)^\\{\"type\": \"([a-z_.]+)\".*", "$1");
            if (!type.equals(data)) {
                body.append("event: ").append(type).append('\n');
            }
            body.append("data: ").append(data).append("\n\n");
        }
        return body.toString();
    }
}
