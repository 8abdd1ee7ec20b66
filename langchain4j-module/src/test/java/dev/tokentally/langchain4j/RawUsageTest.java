package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The usage object in a provider's answer")
class RawUsageTest {

    static Stream<Arguments> bodies() {
        return Stream.of(
                Arguments.of(
                        "OpenAI's, with the tier that served the call",
                        """
                        {"id": "1", "choices": [{"message": {"content": "usage"}, "usage": {"no": 1}}],
                         "usage": {"prompt_tokens": 19, "completion_tokens": 10}, "service_tier": "flex"}""",
                        "{'prompt_tokens':19,'completion_tokens':10,'service_tier':'flex'}"),
                Arguments.of(
                        "a tier in the usage takes precedence over the answer's tier",
                        "{\"service_tier\": \"auto\", \"usage\": {\"service_tier\": \"priority\", \"input_tokens\": 1}}",
                        "{'service_tier':'priority','input_tokens':1}"),
                Arguments.of(
                        "Gemini's",
                        "{\"candidates\": [{\"content\": {}}, [1]], \"usageMetadata\": {\"promptTokenCount\": 5}}",
                        "{'promptTokenCount':5}"));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is found in an ordinary answer:")
    @MethodSource("bodies")
    void ordinary(String which, String body, String usage) {
        assertThat(RawUsage.ofBody(body)).contains(new RawUsage(usage.replace('\'', '"'), false));
    }

    static Stream<Arguments> streams() {
        return Stream.of(
                Arguments.of(
                        "OpenAI's last chunk",
                        List.of(
                                "{'choices': [{'delta': {'content': 'fox'}}], 'usage': null, 'service_tier': 'default'}",
                                "{'choices': [], 'usage': {'prompt_tokens': 19, 'completion_tokens': 10}}",
                                "[DONE]"),
                        "{'prompt_tokens':19,'completion_tokens':10}"),
                Arguments.of(
                        "the last event of a provider that counts in every event",
                        List.of(
                                "{'choices': [], 'usage': {'completion_tokens': 1, 'early': 1}}",
                                "{'choices': [], 'usage': {'completion_tokens': 2}, 'service_tier': 'flex'}"),
                        "{'completion_tokens':2,'service_tier':'flex'}"),
                Arguments.of(
                        "the Responses API's end",
                        List.of(
                                "{'type': 'response.created', 'response': {'usage': null, 'service_tier': 'auto'}}",
                                "{'type': 'response.completed', 'response': {'service_tier': 'priority', 'usage': {'input_tokens': 7}}}"),
                        "{'input_tokens':7,'service_tier':'priority'}"),
                Arguments.of(
                        "Anthropic's first and last events together",
                        List.of(
                                "{'type': 'message_start', 'message': {'usage': {'input_tokens': 21, 'cache_read_input_tokens': 3,"
                                        + " 'output_tokens': 1, 'service_tier': 'standard'}}}",
                                "{'type': 'content_block_delta', 'delta': {'text': 'of usage'}}",
                                "{'type': 'message_delta', 'usage': {'output_tokens': 393, 'input_tokens': null}}",
                                "{'type': 'message_stop'}"),
                        "{'input_tokens':21,'cache_read_input_tokens':3,'output_tokens':393,'service_tier':'standard'}"),
                Arguments.of(
                        "Groq's",
                        List.of("{'choices': [], 'x_groq': {'id': '1', 'usage': {'prompt_tokens': 4}}}"),
                        "{'prompt_tokens':4}"));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is found in a streamed answer:")
    @MethodSource("streams")
    void streamed(String which, List<String> events, String usage) {
        assertThat(RawUsage.ofEvents(
                        events.stream().map(event -> event.replace('\'', '"')).toList()))
                .contains(new RawUsage(usage.replace('\'', '"'), false));
    }

    @Test
    @DisplayName("comes with a mark if Gemini blocked the prompt")
    void blocked() {
        String blocked =
                "{\"promptFeedback\": {\"blockReason\": \"SAFETY\"}, \"usageMetadata\": {\"promptTokenCount\": 12}}";
        String withoutUsage = "{\"candidates\": [], \"promptFeedback\": {\"blockReason\": \"OTHER\"}}";
        String answered = "{\"candidates\": [{}], \"promptFeedback\": {\"blockReason\": \"OTHER\"}}";

        assertThat(RawUsage.ofBody(blocked)).contains(new RawUsage("{\"promptTokenCount\":12}", true));
        assertThat(RawUsage.ofEvents(List.of(blocked))).contains(new RawUsage("{\"promptTokenCount\":12}", true));
        assertThat(RawUsage.ofBody(withoutUsage)).contains(new RawUsage(null, true));
        assertThat(RawUsage.ofBody(answered)).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("cannot be read if it has a name twice, since nobody knows which of the two values the provider bills")
    @ValueSource(
            strings = {
                "{'usage': {'prompt_tokens': 5, 'prompt_tokens': 900, 'completion_tokens': 2}}",
                "{'usage': {'prompt_tokens': 5, 'prompt_tokens_details': {'cached_tokens': 1, 'cached_tokens': 2}}}",
                "{'usage': {'prompt_tokens': 5}, 'choices': [], 'usage': {'prompt_tokens': 900}}",
                "{'usage': {'prompt_tokens': 5, 'service_tier': 'flex', 'service_tier': 'default'}}",
                "{'response': {'usage': {'input_tokens': 5, 'input_tokens': 900}}}"
            })
    void twice(String body) {
        String json = body.replace('\'', '"');
        for (Optional<RawUsage> raw : List.of(
                RawUsage.ofBody(json), RawUsage.ofEvents(List.of("{\"usage\": {\"prompt_tokens\": 4}}", json)))) {
            Used used = Used.of("openai", raw, () -> new Used(TokenUsage.of(900, 2), "", null));

            assertThat(used.tokens()).isEqualTo(TokenUsage.of(900, 2).with(UsageDoubt.CONTRADICTORY));
        }
        assertThat(Used.of("openai", RawUsage.ofBody(json), () -> Used.UNKNOWN)).isEqualTo(Used.UNKNOWN);
    }

    @Test
    @DisplayName("is read if only the rest of the answer has a name twice")
    void twiceElsewhere() {
        assertThat(
                        RawUsage.ofBody(
                                "{\"id\": 1, \"id\": 2, \"choices\": [{\"a\": 1, \"a\": 2}], \"usage\": {\"prompt_tokens\": 5}}"))
                .contains(new RawUsage("{\"prompt_tokens\":5}", false));
    }

    @ParameterizedTest
    @DisplayName("is missing if the answer holds none")
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "\"usage\"",
                "{",
                "{\"usage\": 7}",
                "{\"usage\": null}",
                "{\"usage\": {\"a\": 1}",
                "{\"x\": {\"usage\": {}}}"
            })
    void nothing(String body) {
        assertThat(RawUsage.ofBody(body)).isEmpty();
        assertThat(RawUsage.ofEvents(Arrays.asList(null, body))).isEmpty();
        assertThat(RawUsage.ofBody(null)).isEmpty();
    }

    @Test
    @DisplayName(
            "is missing, without an exception, if the answer is nested too deep, and is found after a very long text")
    void hostile() {
        assertThat(RawUsage.ofBody("{\"usage\": " + "{\"a\": ".repeat(5000))).isEmpty();
        assertThat(RawUsage.ofBody("{\"choices\": " + "[".repeat(5000))).isEmpty();
        assertThat(RawUsage.ofBody("{\"text\": \"" + "x".repeat(30_000_000) + "\", \"usage\": {\"a\": 1}}"))
                .as("the text need not be read")
                .isPresent();
    }
}
