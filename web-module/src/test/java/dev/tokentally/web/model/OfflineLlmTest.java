package dev.tokentally.web.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The offline model")
class OfflineLlmTest {

    private final OfflineLlm llm = new OfflineLlm();

    @Test
    @DisplayName("gives the same answer to the same question, names itself, costs nothing and counts both messages")
    void answers() {
        LlmResponse<String> answer = ask("Be short.", "Hello, world!");

        assertThat(answer).isEqualTo(ask("Be short.", "Hello, world!"));
        assertThat(answer.provider()).isEqualTo("tokentally");
        assertThat(answer.model()).isEqualTo("offline");
        assertThat(answer.costUsd()).isEqualTo(0.0);
        assertThat(answer.content()).contains("offline", "4 tokens");
        assertThat(answer.tokens()).isEqualTo(TokenUsage.of(3 + 4, 27));
    }

    @Test
    @DisplayName("needs no system message")
    void withoutSystemMessage() {
        assertThat(ask(null, "Hello, world!").tokens().input()).isEqualTo(4);
    }

    @Test
    @DisplayName("answers in text only")
    void textOnly() {
        assertThatThrownBy(() -> llm.complete(LlmRequest.of("", "x", "acme", Integer.class)))
                .isInstanceOf(ClassCastException.class);
    }

    private LlmResponse<String> ask(String system, String user) {
        return llm.complete(LlmRequest.of(system, user, "acme", String.class));
    }
}
