package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.llm.UsagePayload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
                        "{'choices':[{'usage':{'no':1}}],'usage':{'prompt_tokens':19,'completion_tokens':10},'service_tier':'flex'}"),
                Arguments.of(
                        "a tier in the usage takes precedence over the answer's tier",
                        "{\"service_tier\": \"auto\", \"usage\": {\"service_tier\": \"priority\", \"input_tokens\": 1}}",
                        "{'service_tier':'auto','usage':{'service_tier':'priority','input_tokens':1}}"),
                Arguments.of(
                        "Gemini's",
                        "{\"candidates\": [{\"content\": {}}, [1]], \"usageMetadata\": {\"promptTokenCount\": 5}}",
                        "{'usageMetadata':{'promptTokenCount':5}}"));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is found in an ordinary answer:")
    @MethodSource("bodies")
    void ordinary(String which, String body, String usage) {
        assertThat(withoutSpaces(RawUsage.ofBody(body))).contains(new RawUsage(usage.replace('\'', '"'), false));
    }

    private static Optional<RawUsage> withoutSpaces(Optional<RawUsage> raw) {
        return raw.map(found ->
                new RawUsage(found.usage() == null ? null : found.usage().replaceAll("\\s", ""), found.blocked()));
    }

    static Stream<Arguments> streams() {
        return Stream.of(
                Arguments.of(
                        "OpenAI's last chunk",
                        List.of(
                                "{'choices': [{'delta': {'content': 'fox'}}], 'usage': null, 'service_tier': 'default'}",
                                "{'choices': [], 'usage': {'prompt_tokens': 19, 'completion_tokens': 10}}",
                                "[DONE]"),
                        "{'usage':{'prompt_tokens':19,'completion_tokens':10}}"),
                Arguments.of(
                        "the last event of a provider that counts in every event",
                        List.of(
                                "{'choices': [], 'usage': {'completion_tokens': 1, 'early': 1}}",
                                "{'choices': [], 'usage': {'completion_tokens': 2}, 'service_tier': 'flex'}"),
                        "{'usage':{'completion_tokens':2},'service_tier':'flex'}"),
                Arguments.of(
                        "the Responses API's end",
                        List.of(
                                "{'type': 'response.created', 'response': {'usage': null, 'service_tier': 'auto'}}",
                                "{'type': 'response.completed', 'response': {'service_tier': 'priority', 'usage': {'input_tokens': 7}}}"),
                        "{'response':{'service_tier':'priority','usage':{'input_tokens':7}}}"),
                Arguments.of(
                        "Anthropic's first and last events together",
                        List.of(
                                "{'type': 'message_start', 'message': {'usage': {'input_tokens': 21, 'cache_read_input_tokens': 3,"
                                        + " 'output_tokens': 1, 'service_tier': 'standard'}}}",
                                "{'type': 'content_block_delta', 'delta': {'text': 'of usage'}}",
                                "{'type': 'message_delta', 'usage': {'output_tokens': 393, 'input_tokens': null}}",
                                "{'type': 'message_stop'}"),
                        "{'message':{'usage':{'input_tokens':21,'cache_read_input_tokens':3,'output_tokens':393,"
                                + "'service_tier':'standard'}}}"),
                Arguments.of(
                        "Groq's",
                        List.of("{'choices': [], 'x_groq': {'id': '1', 'usage': {'prompt_tokens': 4}}}"),
                        "{'x_groq':{'usage':{'prompt_tokens':4}}}"));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is found in a streamed answer:")
    @MethodSource("streams")
    void streamed(String which, List<String> events, String usage) {
        assertThat(withoutSpaces(RawUsage.ofEvents(
                        events.stream().map(event -> event.replace('\'', '"')).toList())))
                .contains(new RawUsage(usage.replace('\'', '"'), false));
    }

    static Stream<Arguments> whole() throws IOException {
        Stream<Arguments> answers = lines("/dev/tokentally/llm/answers.txt")
                .filter(line -> !line.startsWith("#"))
                .map(line -> Arguments.of(
                        line.substring(0, line.indexOf('|')),
                        line.substring(line.indexOf('|') + 1, line.lastIndexOf('|'))
                                .replace('\'', '"')));
        Stream<Arguments> payloads = lines("/dev/tokentally/pricing/payloads.jsonl")
                .map(RawUsageTest::tree)
                .flatMap(line -> Stream.of(
                                "{'id':'1','choices':[{'index':0,'message':{'content':'fox'}}],'usage':%s}",
                                "{'model':'m-1','service_tier':'flex','usageMetadata':%s,'trafficType':'ON_DEMAND'}",
                                "{'type':'response.completed','response':{'service_tier':'priority','usage':%s,"
                                        + "'tool_usage':{'web_search':{'num_requests':1}}}}")
                        .map(answer -> Arguments.of(
                                line.get("provider").asText(),
                                answer.replace('\'', '"').formatted(line.get("usage")))));
        Stream<Arguments> others = Stream.of(
                        "{'usage':%s,'tool_usage':{'web_search':{'num_requests':2},'file_search':{'num_requests':1}}}",
                        "{'usage':%s,'tool_usage':['web_search']}",
                        "{'tool_usage':{'image_gen':{'input_tokens':171}},'response':{'usage':%s}}",
                        "{'choices':[{'index':0,'delta':{},'usage':%s},{'index':1}]}",
                        "{'usage':%s,'service_tier':{'type':'flex'}}",
                        "{'usage':%s,'service_tier':7}",
                        "{'usage':%s,'serviceTier':{'type':'flex'}}",
                        "{'usage':%s,'service_tier':'flex','service_tier':'default'}",
                        "{'usage':%s,'performanceConfig':{'latency':'optimized'}}",
                        "{'usage':%s,'speed':'fast'}",
                        "{'response':{'usage':%s},'inference_geo':'us'}",
                        "{'message':{'usage':%s,'service_tier':'unspecified'},'service_tier':'flex'}",
                        "{'body':{'usage':%s,'extra_properties':{'google':{'traffic_type':'ON_DEMAND_FLEX'}}}}",
                        "{'event':{'meta':{'delta':{'usage':%s}}}}",
                        "{'event':{'meta':{'delta':{'result':{'usage':%s}}}}}")
                .map(answer -> Arguments.of(
                        "openai",
                        answer.formatted("{'input_tokens':100,'output_tokens':20,'total_tokens':120}")
                                .replace('\'', '"')));
        return Stream.of(answers, payloads, others).flatMap(each -> each);
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("is read as the whole answer is read:")
    @MethodSource("whole")
    void asTheWholeAnswer(String provider, String answer) {
        String streamed = answer.replace("\n", " ");
        List<String> events =
                Arrays.asList("{\"choices\":[{\"delta\":{\"content\":\"usage\"}}]}", null, streamed, "[DONE]");
        RawCall call = new RawCall();
        events.forEach(call::streamed);

        for (Optional<RawUsage> raw : List.of(RawUsage.ofBody(answer), RawUsage.ofEvents(events), call.usage())) {
            assertThat(raw).isPresent();
            isAlike(UsagePayload.read(provider, raw.get().usage()), UsagePayload.read(provider, answer));
        }
    }

    private static void isAlike(UsagePayload excerpt, UsagePayload whole) {
        assertThat(excerpt.tokens()).isEqualTo(whole.tokens());
        assertThat(excerpt.serviceTier()).isEqualTo(whole.serviceTier());
        assertThat(excerpt.costUsd()).isEqualTo(whole.costUsd());
        assertThat(excerpt.searchContextSize()).isEqualTo(whole.searchContextSize());
        assertThat(excerpt.notes()).isEqualTo(whole.notes());
        assertThat(excerpt.problem()).isEqualTo(whole.problem());
    }

    private static Stream<String> lines(String resource) throws IOException {
        try (InputStream in = RawUsageTest.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines();
        }
    }

    private static JsonNode tree(String json) {
        try {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @DisplayName("comes with a mark if Gemini blocked the prompt")
    void blocked() {
        String blocked =
                "{\"promptFeedback\": {\"blockReason\": \"SAFETY\"}, \"usageMetadata\": {\"promptTokenCount\": 12}}";
        String withoutUsage = "{\"candidates\": [], \"promptFeedback\": {\"blockReason\": \"OTHER\"}}";
        String answered = "{\"candidates\": [{}], \"promptFeedback\": {\"blockReason\": \"OTHER\"}}";

        assertThat(RawUsage.ofBody(blocked))
                .contains(new RawUsage("{\"usageMetadata\":{\"promptTokenCount\": 12}}", true));
        assertThat(RawUsage.ofEvents(List.of(blocked)))
                .contains(new RawUsage("{\"usageMetadata\":{\"promptTokenCount\": 12}}", true));
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
                        withoutSpaces(
                                RawUsage.ofBody(
                                        "{\"id\": 1, \"id\": 2, \"choices\": [{\"a\": 1, \"a\": 2}], \"usage\": {\"prompt_tokens\": 5}}")))
                .contains(new RawUsage("{\"usage\":{\"prompt_tokens\":5}}", false));
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
                .contains(new RawUsage("{\"usage\":{\"a\": 1}}", false));
        String parts =
                "\"usage\":{\"é\": [1e400, \"\\\"🦊\"]},\"speed\":\"fäst\",\"cost\":-1.50,\"tool_usage\":null,\"eval_count\":7";
        assertThat(RawUsage.ofBody("{\"text\": \"" + "🦊ü".repeat(50_000) + "\"," + parts + "}"))
                .as("as the provider wrote it")
                .contains(new RawUsage("{" + parts + "}", false));
    }
}
