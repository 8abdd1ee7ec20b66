package dev.tokentally.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A model's answer")
class LlmResponseTest {

    @Test
    @DisplayName("keeps all its values in each copy")
    void copies() {
        LlmResponse<String> answer =
                new LlmResponse<>("text", "openai", "gpt-4o", TokenUsage.of(1, 2), 0.5, "flex", "image", "gpt", "id-1");

        assertThat(LlmResponse.of("text", "gpt-4o", TokenUsage.of(1, 2), 0.5).responseId())
                .isNull();
        assertThat(answer.withResponseId("id-2").responseId()).isEqualTo("id-2");
        assertThat(answer.withResponseId("id-2").withResponseId("id-1")).isEqualTo(answer);
        assertThat(answer.withServiceTier("").withServiceTier("flex")).isEqualTo(answer);
        assertThat(answer.withKind("").withKind("image")).isEqualTo(answer);
        assertThat(answer.withRequestedModel(null).withRequestedModel("gpt")).isEqualTo(answer);
    }

    @Test
    @DisplayName("can be made with the constructors that older applications were compiled with")
    void olderConstructors() throws Throwable {
        MethodType oldest = MethodType.methodType(
                void.class, Object.class, String.class, String.class, TokenUsage.class, Double.class);
        Object[] arguments = {"text", "openai", "gpt-4o", TokenUsage.of(1, 2), 0.5, "", "chat", null};
        LlmResponse<String> same = new LlmResponse<>("text", "openai", "gpt-4o", TokenUsage.of(1, 2), 0.5);

        for (int more : new int[] {0, 2, 3}) {
            MethodType type = oldest;
            for (int i = 0; i < more; i++) {
                type = type.appendParameterTypes(String.class);
            }
            Object made = MethodHandles.publicLookup()
                    .findConstructor(LlmResponse.class, type)
                    .invokeWithArguments(Arrays.copyOf(arguments, type.parameterCount()));
            assertThat(made).isEqualTo(same);
        }
    }
}
