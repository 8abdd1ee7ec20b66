package dev.tokentally.llm;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A provider's usage object")
class UsagePayloadTest {

    /** Usage objects as providers sent them, with the right counts. MIT licence, © Pydantic Services Inc. */
    @ParameterizedTest(name = "{0}")
    @DisplayName("as a real provider sent it is read with the known counts")
    @MethodSource("payloads")
    void payloads(String name, String provider, String usage, Map<String, Long> tokens) {
        assertThat(counts(UsagePayload.read(provider, usage).tokens())).isEqualTo(tokens);
    }

    static Stream<Arguments> payloads() throws IOException {
        return Stream.concat(lines("payloads.jsonl"), lines("trials.jsonl"))
                .filter(line -> line.get("usage") instanceof JsonObject && line.get("tokens") instanceof JsonObject)
                .map(line -> Arguments.of(
                        line.getString("case"),
                        line.getString("provider"),
                        line.getJsonObject("usage").toString(),
                        aboveZero(line.getJsonObject("tokens"))));
    }

    /** Leaves out zeros: a quote names the whole counts even if they are 0. */
    private static Map<String, Long> aboveZero(JsonObject tokens) {
        return tokens.keySet().stream()
                .filter(meter -> tokens.getInt(meter) > 0)
                .collect(Collectors.toMap(meter -> meter, meter -> (long) tokens.getInt(meter)));
    }

    private static Stream<JsonObject> lines(String file) throws IOException {
        List<JsonObject> lines = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                UsagePayloadTest.class.getResourceAsStream("/dev/tokentally/pricing/" + file),
                StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                try (JsonReader reader = Json.createReader(new StringReader(line))) {
                    lines.add(reader.readObject());
                }
            }
        }
        return lines.stream();
    }

    private static Map<String, Long> counts(TokenUsage tokens) {
        Map<String, Long> counts = new TreeMap<>();
        for (Meter meter : Meter.values()) {
            if (tokens.quantity(meter) > 0) {
                counts.put(meter.label(), tokens.quantity(meter));
            }
        }
        return counts;
    }

    /** Written by hand from the providers' references: the provider, the object, the counts. */
    @ParameterizedTest
    @DisplayName("of each shape is counted as the provider bills it")
    @ValueSource(
            strings = {
                // Bedrock Converse: the cache comes in addition to the input.
                "aws.bedrock|{'inputTokens':10,'outputTokens':20,'totalTokens':1130,'cacheReadInputTokens':100,"
                        + "'cacheWriteInputTokens':1000}"
                        + "|cache_read_tokens=100 cache_write_tokens=1000 input_tokens=1110 output_tokens=20",
                "bedrock|{'inputTokens':3,'outputTokens':4,'totalTokens':7}|input_tokens=3 output_tokens=4",
                // xAI's chat: the reasoning comes in addition to the completion, with and without a total. Its
                // responses: the reasoning is a part of the output.
                "xai|{'prompt_tokens':12,'completion_tokens':2,'completion_tokens_details':{'reasoning_tokens':1}}"
                        + "|input_tokens=12 output_reasoning_tokens=1 output_tokens=3",
                "xai|{'prompt_tokens':12,'completion_tokens':5,'total_tokens':17,'completion_tokens_details':"
                        + "{'reasoning_tokens':3}}|input_tokens=12 output_reasoning_tokens=3 output_tokens=5",
                "xai|{'input_tokens':12,'output_tokens':5,'output_tokens_details':{'reasoning_tokens':3}}"
                        + "|input_tokens=12 output_reasoning_tokens=3 output_tokens=5",
                // Others: the reasoning comes in addition only if it is larger than the completion.
                "vllm|{'prompt_tokens':12,'completion_tokens':5,'completion_tokens_details':{'reasoning_tokens':5}}"
                        + "|input_tokens=12 output_reasoning_tokens=5 output_tokens=5",
                "vllm|{'prompt_tokens':12,'completion_tokens':5,'completion_tokens_details':{'reasoning_tokens':6}}"
                        + "|input_tokens=12 output_reasoning_tokens=6 output_tokens=11",
                // Perplexity: the reasoning always comes in addition to the completion.
                "perplexity|{'prompt_tokens':10,'completion_tokens':20,'total_tokens':30,'reasoning_tokens':5,"
                        + "'citation_tokens':7,'num_search_queries':2}|input_tokens=10 output_citation_tokens=7"
                        + " output_reasoning_tokens=5 output_tokens=32 web_searches=2",
                "cohere|{'tokens':{'input_tokens':71,'output_tokens':8}}|input_tokens=71 output_tokens=8",
                "ollama|{'prompt_eval_count':26,'eval_count':298}|input_tokens=26 output_tokens=298",
                "openai|{'total_tokens':100,'input_tokens':50,'output_tokens':50,'input_tokens_details':"
                        + "{'text_tokens':10,'image_tokens':40}}|input_image_tokens=40 input_tokens=50 output_tokens=50",
                "openai|{'prompt_tokens':8,'total_tokens':8}|input_tokens=8",
                "mistral|{'prompt_tokens':50,'completion_tokens':5,'total_tokens':55,'num_cached_tokens':40}"
                        + "|cache_read_tokens=40 input_tokens=50 output_tokens=5",
                "deepseek|{'prompt_tokens':50,'completion_tokens':5,'total_tokens':55,'prompt_cache_hit_tokens':40,"
                        + "'prompt_cache_miss_tokens':10}|cache_read_tokens=40 input_tokens=50 output_tokens=5",
                // A proxy with OpenAI's names: Anthropic's counts are a part of the prompt.
                "litellm|{'prompt_tokens':50,'completion_tokens':5,'cache_read_input_tokens':40}"
                        + "|cache_read_tokens=40 input_tokens=50 output_tokens=5",
                // Anthropic: writes without their sum, and searches.
                "anthropic|{'input_tokens':1,'output_tokens':2,'cache_creation':{'ephemeral_5m_input_tokens':10,"
                        + "'ephemeral_1h_input_tokens':20},'server_tool_use':{'web_search_requests':3}}"
                        + "|cache_write_1h_tokens=20 cache_write_tokens=30 input_tokens=31 output_tokens=2 web_searches=3",
                // Gemini, with the names of its Python client, and its live API.
                "google|{'prompt_token_count':10,'candidates_token_count':5,'thoughts_token_count':3,"
                        + "'total_token_count':18}|input_tokens=10 output_reasoning_tokens=3 output_tokens=8",
                // Whole answers and stream events with a message that does not contain the counts.
                "ollama|{'model':'m','message':{'role':'assistant','content':'x'},'prompt_eval_count':26,"
                        + "'eval_count':298}|input_tokens=26 output_tokens=298",
                // Bedrock: writes without their sum: 30 + 10, in addition to the 1.
                "aws.bedrock|{'inputTokens':1,'outputTokens':2,'cacheDetails':[{'ttl':'1h','inputTokens':30},"
                        + "{'ttl':'5m','inputTokens':10}]}"
                        + "|cache_write_1h_tokens=30 cache_write_tokens=40 input_tokens=41 output_tokens=2",
                // A proxy with the reads under OpenAI's name and the writes under Anthropic's; both are a part of the
                // prompt.
                "litellm|{'prompt_tokens':100,'completion_tokens':5,'total_tokens':105,'prompt_tokens_details':"
                        + "{'cached_tokens':40},'cache_creation_input_tokens':10,'cache_read_input_tokens':40}"
                        + "|cache_read_tokens=40 cache_write_tokens=10 input_tokens=100 output_tokens=5",
                "litellm|{'prompt_tokens':100,'completion_tokens':5,'prompt_tokens_details':{'cache_creation_tokens':50,"
                        + "'cache_creation_token_details':{'ephemeral_5m_input_tokens':30,"
                        + "'ephemeral_1h_input_tokens':20}}}"
                        + "|cache_write_1h_tokens=20 cache_write_tokens=50 input_tokens=100 output_tokens=5",
                // A server with 0 under OpenAI's name and the count under its own.
                "deepseek|{'prompt_tokens':50,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':0},"
                        + "'prompt_cache_hit_tokens':40}|cache_read_tokens=40 input_tokens=50 output_tokens=5",
                // Perplexity, recognised by its fields without a provider: 7163 + 73997 + 20016.
                "|{'prompt_tokens':33,'completion_tokens':7163,'total_tokens':7196,'citation_tokens':20016,"
                        + "'num_search_queries':18,'reasoning_tokens':73997}|input_tokens=33"
                        + " output_citation_tokens=20016 output_reasoning_tokens=73997 output_tokens=101176"
                        + " web_searches=18",
                "X AI|{'prompt_tokens':12,'completion_tokens':2,'completion_tokens_details':{'reasoning_tokens':1}}"
                        + "|input_tokens=12 output_reasoning_tokens=1 output_tokens=3",
                // Gemini leaves out counts of 0: a total without candidates shows that there were none.
                "google|{'promptTokenCount':10,'thoughtsTokenCount':5,'totalTokenCount':15}"
                        + "|input_tokens=10 output_reasoning_tokens=5 output_tokens=5",
                // Gemini: the modalities of the tools' prompt come in addition to those of the prompt. 7 + 100 sound,
                // 9 + 30 + 8 pictures and documents, 5 film.
                "google|{'promptTokenCount':50,'toolUsePromptTokenCount':150,'candidatesTokenCount':5,'totalTokenCount':205,"
                        + "'promptTokensDetails':[{'modality':'AUDIO','tokenCount':7},{'modality':'IMAGE','tokenCount':9}],"
                        + "'toolUsePromptTokensDetails':[{'modality':'AUDIO','tokenCount':100},"
                        + "{'modality':'IMAGE','tokenCount':30},{'modality':'DOCUMENT','tokenCount':8},"
                        + "{'modality':'VIDEO','tokenCount':5},{'modality':'TEXT','tokenCount':7}]}"
                        + "|input_audio_tokens=107 input_image_tokens=47 input_tokens=200 input_video_tokens=5"
                        + " output_tokens=5 tool_prompt_tokens=150",
                "google|{'prompt_token_count':50,'tool_use_prompt_token_count':150,'candidates_token_count':5,"
                        + "'tool_use_prompt_tokens_details':[{'modality':'AUDIO','token_count':100}]}"
                        + "|input_audio_tokens=100 input_tokens=200 output_tokens=5 tool_prompt_tokens=150",
                // A server with Anthropic's names: its total shows that the cache comes in addition, or it cannot be a
                // part of the input.
                "someone|{'input_tokens':1000,'output_tokens':10,'total_tokens':1910,'cache_read_input_tokens':900}"
                        + "|cache_read_tokens=900 input_tokens=1900 output_tokens=10",
                "someone|{'input_tokens':100,'output_tokens':10,'total_tokens':110,'cache_read_input_tokens':900}"
                        + "|cache_read_tokens=900 input_tokens=1000 output_tokens=10",
                "anthropic|{'input_tokens':1000,'output_tokens':10,'cache_read_input_tokens':900}"
                        + "|cache_read_tokens=900 input_tokens=1900 output_tokens=10",
                // Anthropic and Bedrock always count the cache in addition, also if somebody added up a total.
                "anthropic|{'input_tokens':1000,'output_tokens':50,'total_tokens':1050,'cache_read_input_tokens':800}"
                        + "|cache_read_tokens=800 input_tokens=1800 output_tokens=50",
                "vertex_ai-anthropic_models|{'input_tokens':1000,'output_tokens':50,'total_tokens':1050,"
                        + "'cache_creation_input_tokens':800}|cache_write_tokens=800 input_tokens=1800 output_tokens=50",
                "aws.bedrock|{'input_tokens':1000,'output_tokens':50,'total_tokens':1050,'cache_read_input_tokens':700,"
                        + "'cache_creation_input_tokens':100}"
                        + "|cache_read_tokens=700 cache_write_tokens=100 input_tokens=1800 output_tokens=50",
                // Perplexity through a client of OpenAI, without citations: 20 + 5 of reasoning.
                "openai|{'prompt_tokens':10,'completion_tokens':20,'total_tokens':30,'reasoning_tokens':5,"
                        + "'num_search_queries':2}|input_tokens=10 output_reasoning_tokens=5 output_tokens=25 web_searches=2",
                "openai|{'prompt_tokens':10,'completion_tokens':20,'total_tokens':30,'reasoning_tokens':5,"
                        + "'cost':{'total_cost':0.25}}|input_tokens=10 output_reasoning_tokens=5 output_tokens=25",
                // Others name the reasoning at the top as a part of the completion.
                "someone|{'prompt_tokens':10,'completion_tokens':20,'total_tokens':30,'reasoning_tokens':5}"
                        + "|input_tokens=10 output_reasoning_tokens=5 output_tokens=20",
                "x-ai|{'prompt_tokens':12,'completion_tokens':2,'completion_tokens_details':{'reasoning_tokens':1}}"
                        + "|input_tokens=12 output_reasoning_tokens=1 output_tokens=3",
                // A server that fills in the names of others with 0: those say nothing about how it counts.
                "anthropic|{'prompt_tokens':0,'completion_tokens':0,'total_tokens':0,'input_tokens':100,"
                        + "'output_tokens':5,'cache_read_input_tokens':50}"
                        + "|cache_read_tokens=50 input_tokens=150 output_tokens=5",
                "someone|{'prompt_tokens':0,'completion_tokens':0,'total_tokens':0,'input_tokens':100,"
                        + "'output_tokens':5,'cache_creation_input_tokens':50}"
                        + "|cache_write_tokens=50 input_tokens=150 output_tokens=5",
                "someone|{'input_tokens':0,'inputTokens':1000,'outputTokens':10,'totalTokens':1010,"
                        + "'cacheReadInputTokens':900}|cache_read_tokens=900 input_tokens=1900 output_tokens=10",
                "xai|{'completion_tokens':0,'input_tokens':12,'output_tokens':5,'output_tokens_details':"
                        + "{'reasoning_tokens':3}}|input_tokens=12 output_reasoning_tokens=3 output_tokens=5",
                "xai|{'prompt_tokens':12,'completion_tokens':2,'total_tokens':0,'completion_tokens_details':"
                        + "{'reasoning_tokens':1}}|input_tokens=12 output_reasoning_tokens=1 output_tokens=3",
                "vllm|{'prompt_tokens':12,'completion_tokens':5,'total_tokens':0,'completion_tokens_details':"
                        + "{'reasoning_tokens':6}}|input_tokens=12 output_reasoning_tokens=6 output_tokens=11",
                "perplexity|{'prompt_tokens':10,'completion_tokens':20,'total_tokens':30,'reasoning_tokens':0,"
                        + "'completion_tokens_details':{'reasoning_tokens':5}}"
                        + "|input_tokens=10 output_reasoning_tokens=5 output_tokens=20",
                // The total shows that the reasoning is the whole answer, though no count of the completion is given.
                "someone|{'prompt_tokens':12,'total_tokens':40,'completion_tokens_details':{'reasoning_tokens':28}}"
                        + "|input_tokens=12 output_reasoning_tokens=28 output_tokens=28",
                "someone|{'prompt_tokens':12,'completion_tokens':null,'total_tokens':40,'reasoning_tokens':28}"
                        + "|input_tokens=12 output_reasoning_tokens=28 output_tokens=28",
                // Gemini: documents in the answer count as pictures.
                "google|{'promptTokenCount':10,'candidatesTokenCount':60,"
                        + "'candidatesTokensDetails':[{'modality':'DOCUMENT','tokenCount':40},{'modality':'IMAGE',"
                        + "'tokenCount':10},{'modality':'TEXT','tokenCount':10}]}|input_tokens=10 output_image_tokens=50"
                        + " output_tokens=60",
                "google|{'promptTokenCount':10,'responseTokenCount':60,"
                        + "'responseTokensDetails':[{'modality':'DOCUMENT','tokenCount':40}]}|input_tokens=10"
                        + " output_image_tokens=40 output_tokens=60",
                "google|{'prompt_token_count':10,'candidates_token_count':60,"
                        + "'candidates_tokens_details':[{'modality':'DOCUMENT','token_count':40}]}|input_tokens=10"
                        + " output_image_tokens=40 output_tokens=60",
                "google|{'prompt_token_count':10,'response_token_count':60,"
                        + "'response_tokens_details':[{'modality':'DOCUMENT','token_count':40}]}|input_tokens=10"
                        + " output_image_tokens=40 output_tokens=60",
                "cohere|{'tokens':{'input_tokens':71,'output_tokens':4,'cached_tokens':3},'cached_tokens':64}"
                        + "|cache_read_tokens=3 input_tokens=71 output_tokens=4",
                // xAI's own object.
                "xai|{'prompt_tokens':701,'completion_tokens':69,'reasoning_tokens':123,'total_tokens':893,"
                        + "'prompt_text_tokens':701,'cached_prompt_text_tokens':679}|cache_read_tokens=679"
                        + " input_tokens=701 output_reasoning_tokens=123 output_tokens=192",
                "xai|{'prompt_tokens':300,'completion_tokens':20,'total_tokens':320,'prompt_text_tokens':44,"
                        + "'prompt_image_tokens':256}|input_image_tokens=256 input_tokens=300 output_tokens=20",
                "mistral|{'prompt_tokens':1600,'completion_tokens':400,'total_tokens':2000,"
                        + "'connector_tokens':80}|input_tokens=1600 output_tokens=400 tool_prompt_tokens=80",
                "mistral|{'prompt_tokens':8,'completion_tokens':370,'total_tokens':378,'connector_tokens':null,"
                        + "'connectors':null}|input_tokens=8 output_tokens=370",
                "mistral|{'prompt_tokens':8,'completion_tokens':370,'total_tokens':378,"
                        + "'connectors':{'code_interpreter':0}}|input_tokens=8 output_tokens=370",
                "perplexity|{'input_tokens':100,'output_tokens':50,'total_tokens':150,'cost':{'total_cost':0.35},"
                        + "'tool_calls_details':{'search_web':{'invocation':3},'fetch_url':{'invocation':0}}}"
                        + "|input_tokens=100 output_tokens=50 web_searches=3",
                "xai|{'input_tokens':100,'output_tokens':50,'num_server_side_tools_used':0}|input_tokens=100"
                        + " output_tokens=50",
                "xai|{'input_tokens':100,'output_tokens':50,'num_server_side_tools_used':1,"
                        + "'server_side_tool_usage_details':{'mcp_calls':1}}|input_tokens=100 output_tokens=50",
                // In another object, the names of Interactions may have sums of several calls.
                "someone|{'prompt_tokens':0,'completion_tokens':5,'total_tokens':5,'total_input_tokens':5000}"
                        + "|output_tokens=5",
                "someone|{'prompt_tokens':10,'completion_tokens':5,'total_tokens':15,'total_thought_tokens':3}"
                        + "|input_tokens=10 output_tokens=5",
                "someone|{'input_tokens':10,'output_tokens':5,'total_cached_tokens':4000}|input_tokens=10"
                        + " output_tokens=5",
                "someone|{'input_tokens':10,'output_tokens':5,'totalToolUseTokens':7,'totalOutputTokens':'many',"
                        + "'inputTokensByModality':[{'modality':'AUDIO','tokens':50}],"
                        + "'output_tokens_by_modality':{'text':5}}|input_tokens=10 output_tokens=5",
                "someone|{'prompt_tokens':null,'total_input_tokens':9,'total_output_tokens':7}|input_tokens=9"
                        + " output_tokens=7",
                "mistral|{'prompt_tokens':10,'completion_tokens':5,'connectors':[],'tool_usage':'',"
                        + "'tool_calls_details':false,'num_sources_used':false,'grounding_tool_count':{}}"
                        + "|input_tokens=10 output_tokens=5",
                "gemini|{'total_input_tokens':10,'total_output_tokens':5,'grounding_tool_count':[{'type':"
                        + "'google_search','count':''},{}]}|input_tokens=10 output_tokens=5"
            })
    void shapes(String shape) {
        assertThatIsCounted(shape);
    }

    /** Also written by hand. The LangChain4j module reads them too. */
    @ParameterizedTest
    @DisplayName("in a whole answer is found and counted as the provider bills it")
    @MethodSource("answers")
    void wholeAnswers(String answer) {
        assertThatIsCounted(answer);
    }

    static Stream<String> answers() throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                UsagePayloadTest.class.getResourceAsStream("answers.txt"), StandardCharsets.UTF_8))) {
            return in.lines().filter(line -> !line.startsWith("#")).toList().stream();
        }
    }

    private static void assertThatIsCounted(String shape) {
        String[] parts = shape.split("\\|");
        UsagePayload read = UsagePayload.read(parts[0], json(parts[1]));

        assertThat(counts(read.tokens()).entrySet().stream()
                        .map(meter -> meter.getKey() + "=" + meter.getValue())
                        .collect(Collectors.joining(" ")))
                .isEqualTo(parts[2]);
        assertThat(read.tokens().doubts()).isEmpty();
        assertThat(read.notes()).isEmpty();
        assertThat(read.problem()).isEmpty();
    }

    /** Meters of genai-prices that no list of ours prices: texts are what remains of a whole. */
    private static final Set<String> NO_METER = Set.of(
            "input_text_tokens",
            "output_text_tokens",
            "cache_text_read_tokens",
            "cache_video_read_tokens",
            "cache_write_5m_tokens",
            "input_text_tool_tokens",
            "input_audio_tool_tokens",
            "input_image_tool_tokens",
            "input_video_tool_tokens");

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("with every field that genai-prices reads is read as the meters to which genai-prices maps them")
    @MethodSource("extractors")
    void asGenaiPricesMapsIt(String provider, String flavor, JsonObject extractor) {
        Map<List<String>, Set<String>> metersOf = new LinkedHashMap<>();
        for (JsonObject mapping : extractor.getJsonArray("mappings").getValuesAs(JsonObject.class)) {
            metersOf.computeIfAbsent(path(mapping.get("path")), none -> new TreeSet<>())
                    .add(mapping.getString("dest").replace("input_tool_tokens", "tool_prompt_tokens"));
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        Map<String, Long> expected = new TreeMap<>();
        int field = 0;
        for (Map.Entry<List<String>, Set<String>> each : metersOf.entrySet()) {
            long quantity = quantity(each.getValue(), field++);
            put(answer, path(extractor.get("root")), each.getKey(), quantity);
            for (String meter : each.getValue()) {
                if (!NO_METER.contains(meter)) {
                    assertThat(Meter.ofLabel(meter)).as(meter).isPresent();
                    expected.merge(meter, quantity, Long::sum);
                }
            }
        }

        UsagePayload read = UsagePayload.read(provider, value(answer).toString());

        assertThat(counts(read.tokens())).isEqualTo(expected);
        Set<UsageDoubt> none = Set.of();
        assertThat(read.tokens().doubts())
                .isSubsetOf(expected.containsKey("output_tokens") ? none : Set.of(UsageDoubt.OUTPUT_UNKNOWN));
    }

    /** Each field has another quantity, and no part is larger than its whole. */
    private static long quantity(Set<String> meters, int field) {
        if (meters.equals(Set.of("input_tokens")) || meters.equals(Set.of("output_tokens"))) {
            return 1_000_000 - field;
        }
        boolean isCached = meters.contains("cache_read_tokens") || meters.contains("cache_write_tokens");
        return isCached ? 200_000 - field : 9000 - field * field;
    }

    /** The names of a path. An entry of a list has its modality in brackets. */
    private static List<String> path(JsonValue path) {
        if (path instanceof JsonString name) {
            return List.of(name.getString());
        }
        return path.asJsonArray().stream()
                .map(each -> each instanceof JsonString name
                        ? name.getString()
                        : "[" + each.asJsonObject().getJsonObject("match").getString("equals") + "]")
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static void put(Map<String, Object> answer, List<String> root, List<String> path, long quantity) {
        List<String> names = Stream.concat(root.stream(), path.stream()).toList();
        Map<String, Object> at = answer;
        for (String name : names.subList(0, names.size() - 1)) {
            at = (Map<String, Object>) at.computeIfAbsent(name, none -> new LinkedHashMap<String, Object>());
        }
        at.put(names.get(names.size() - 1), quantity);
    }

    private static JsonValue value(Object node) {
        if (node instanceof Long quantity) {
            return Json.createValue(quantity);
        }
        JsonObjectBuilder object = Json.createObjectBuilder();
        JsonArrayBuilder list = Json.createArrayBuilder();
        boolean isList = false;
        for (Map.Entry<?, ?> each : ((Map<?, ?>) node).entrySet()) {
            String name = (String) each.getKey();
            if (name.startsWith("[")) {
                isList = true;
                list.add(Json.createObjectBuilder(value(each.getValue()).asJsonObject())
                        .add("modality", name.substring(1, name.length() - 1)));
            } else {
                object.add(name, value(each.getValue()));
            }
        }
        return isList ? list.build() : object.build();
    }

    static Stream<Arguments> extractors() throws IOException {
        try (JsonReader reader = Json.createReader(
                UsagePayloadTest.class.getResourceAsStream("/dev/tokentally/pricing/genai-prices.json"))) {
            List<Arguments> extractors = new ArrayList<>();
            for (JsonObject provider : reader.readArray().getValuesAs(JsonObject.class)) {
                if (provider.get("extractors") instanceof JsonArray each) {
                    for (JsonObject extractor : each.getValuesAs(JsonObject.class)) {
                        extractors.add(
                                Arguments.of(provider.getString("id"), extractor.getString("api_flavor"), extractor));
                    }
                }
            }
            return extractors.stream();
        }
    }

    @ParameterizedTest
    @DisplayName(
            "of an unknown server with Anthropic's names may have the cache in its input, and then it is incomplete")
    @ValueSource(
            strings = {
                "1010|1000|INCOMPLETE",
                "1909|1000|INCOMPLETE",
                "1910|1900|",
                "1009|1900|",
            })
    void cacheWithinOrBeside(String totalInputAndDoubts) {
        String[] parts = totalInputAndDoubts.split("\\|", 3);
        UsagePayload read = UsagePayload.read(
                "someone",
                json("{'input_tokens':1000,'output_tokens':10,'total_tokens':" + parts[0]
                        + ",'cache_read_input_tokens':900}"));

        assertThat(read.tokens().input()).isEqualTo(Integer.parseInt(parts[1]));
        assertThat(read.tokens().doubts().stream().map(UsageDoubt::name).collect(Collectors.joining(" ")))
                .isEqualTo(parts[2]);
    }

    @Test
    @DisplayName("with a total and without cached tokens is exact")
    void totalWithoutCache() {
        UsagePayload read = UsagePayload.read(
                "someone",
                json("{'input_tokens':1000,'output_tokens':10,'total_tokens':1010,'cache_read_input_tokens':0}"));

        assertThat(read.tokens().doubts()).isEmpty();
        assertThat(read.notes()).isEmpty();
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    @ParameterizedTest
    @DisplayName(
            "with a tool of the provider that has no meter is incomplete, and a note says that the bill may be higher")
    @ValueSource(
            strings = {
                "{'usage':{'input_tokens':1,'output_tokens':2},'tool_usage':{'image_gen':{'input_tokens':171,"
                        + "'output_tokens':1756}}}",
                "{'usage':{'input_tokens':1,'output_tokens':2},'tool_usage':{'file_search':{'num_requests':1}}}",
                "{'usage':{'input_tokens':1,'output_tokens':2},'tool_usage':{'file_search':{'num_requests':'one'}}}",
                "{'prompt_tokens':95,'completion_tokens':209,'total_tokens':399,'connector_tokens':95,'connectors':"
                        + "{'code_interpreter':1}}",
                "{'prompt_tokens':95,'completion_tokens':209,'connectors':{'web_search_premium':1}}",
                "{'input_tokens':1,'output_tokens':2,'tool_calls_details':{'fetch_url':{'invocation':1}}}",
                "{'input_tokens':1,'output_tokens':2,'num_server_side_tools_used':2}",
                "{'input_tokens':1,'output_tokens':2,'num_server_side_tools_used':2,"
                        + "'server_side_tool_usage_details':{'web_search_calls':0}}",
                "{'input_tokens':1,'output_tokens':2,'num_server_side_tools_used':1,"
                        + "'server_side_tool_usage_details':{'image_generation_calls':1}}",
                "{'input_tokens':1,'output_tokens':2,'server_side_tool_usage_details':{'x_search_calls':1}}",
                // Another shape than the provider's.
                "{'usage':{'input_tokens':1,'output_tokens':2},'tool_usage':{'web_search':3}}",
                "{'usage':{'input_tokens':1,'output_tokens':2},'tool_usage':['web_search']}",
                "{'usage':{'input_tokens':1,'output_tokens':2},'tool_usage':{'web_search':{'num_requests':'3'}}}",
                "{'input_tokens':1,'output_tokens':2,'tool_usage':3}",
                "{'input_tokens':1,'output_tokens':2,'tool_usage':{'web_search':true}}",
                "{'prompt_tokens':1,'completion_tokens':2,'connectors':['web_search']}",
                "{'prompt_tokens':1,'completion_tokens':2,'connectors':{'web_search':{'count':1}}}",
                "{'prompt_tokens':1,'completion_tokens':2,'connectors':{'web_search':-1}}",
                "{'prompt_tokens':1,'completion_tokens':2,'connectors':{'web_search':1.5}}",
                "{'prompt_tokens':1,'completion_tokens':2,'connectors':{'web_search':1e30}}",
                "{'input_tokens':1,'output_tokens':2,'tool_calls_details':{'search_web':[{'invocation':1}]}}",
                "{'total_input_tokens':1,'total_output_tokens':2,'grounding_tool_count':{'google_search':1}}",
                "{'total_input_tokens':1,'total_output_tokens':2,'grounding_tool_count':1}",
                "{'total_input_tokens':1,'total_output_tokens':2,'grounding_tool_count':['google_search']}",
                "{'total_input_tokens':1,'total_output_tokens':2,'grounding_tool_count':[{'google_search':1}]}",
                "{'total_input_tokens':1,'total_output_tokens':2,'groundingToolCount':[{'type':'google_search',"
                        + "'count':-1}]}"
            })
    void toolsWithoutMeter(String usage) {
        UsagePayload read = UsagePayload.read("", json(usage));

        assertThat(read.tokens().doubts()).containsExactly(UsageDoubt.INCOMPLETE);
        assertThat(read.notes()).singleElement().asString().contains("higher");
        assertThat(read.tokens().quantity(Meter.WEB_SEARCHES)).isZero();
    }

    /** What makes a price partial, or prevents one. */
    @ParameterizedTest
    @DisplayName("names its doubts")
    @ValueSource(
            strings = {
                "{'eval_count':50}|INPUT_UNKNOWN",
                "{'prompt_eval_count':50}|OUTPUT_UNKNOWN",
                "{'total_tokens':50}|TOTAL_ALONE",
                "{'completion_tokens':0,'total_tokens':815}|TOTAL_ALONE",
                "{'completion_tokens':0,'total_tokens':0}|INPUT_UNKNOWN",
                "{'text_tokens':5,'image_pixels':2000000,'total_tokens':3576}|TOTAL_ALONE INCOMPLETE",
                "{'text_tokens':5,'image_pixels':0,'total_tokens':5}|TOTAL_ALONE",
                "{'text_tokens':5,'video_pixels':2000000,'total_tokens':3576}|TOTAL_ALONE INCOMPLETE",
                "{}|INPUT_UNKNOWN OUTPUT_UNKNOWN",
                "{'prompt_tokens':null,'completion_tokens':null}|INPUT_UNKNOWN OUTPUT_UNKNOWN",
                "{'prompt_tokens':3,'completion_tokens':7,'total_tokens':298}|INCOMPLETE",
                "{'prompt_tokens':3,'completion_tokens':7,'total_tokens':5}|",
                "{'input_tokens':3,'output_tokens':7,'inference_geo':'us'}|INCOMPLETE",
                "{'input_tokens':3,'output_tokens':7,'inference_geo':'global'}|",
                "{'input_tokens':3,'output_tokens':7,'speed':'fast'}|INCOMPLETE",
                "{'billed_units':{'input_tokens':3,'output_tokens':1,'images':2}}|INCOMPLETE",
                "{'billed_units':{'input_tokens':3}}|OUTPUT_UNKNOWN",
                "{'billed_units':{'output_tokens':3}}|INPUT_UNKNOWN",
                "{'toolUsePromptTokenCount':100,'candidatesTokenCount':5}|INPUT_UNKNOWN",
                "{'promptTokenCount':10,'thoughtsTokenCount':5}|OUTPUT_UNKNOWN",
                "{'prompt_tokens':10,'completion_tokens_details':{'reasoning_tokens':5}}|OUTPUT_UNKNOWN",
                "{'prompt_tokens':10,'total_tokens':0,'completion_tokens_details':{'reasoning_tokens':5}}|OUTPUT_UNKNOWN",
                "{'prompt_tokens':10,'total_tokens':16,'completion_tokens_details':{'reasoning_tokens':5}}|INCOMPLETE",
                "{'prompt_tokens':10,'total_tokens':14,'completion_tokens_details':{'reasoning_tokens':5}}"
                        + "|INCOMPLETE CONTRADICTORY",
                "{'output_tokens':10,'iterations':[{'type':'compaction','input_tokens':5,'output_tokens':5}]}"
                        + "|INPUT_UNKNOWN",
                "{'input_tokens':10,'output_tokens':10,'iterations':[{'type':'compaction','output_tokens':5}]}"
                        + "|INPUT_UNKNOWN",
                "{'type':'duration','seconds':27}|INPUT_UNKNOWN OUTPUT_UNKNOWN",
                "{'usage':{'inputTokens':1,'outputTokens':2},'performanceConfig':{'latency':'optimized'}}|INCOMPLETE",
                "{'prompt_tokens':10,'completion_tokens':7,'prompt_tokens_details':'none'}|CONTRADICTORY",
                "{'input_tokens':10,'output_tokens':7,'iterations':{}}|CONTRADICTORY",
                "{'input_tokens':1,'output_tokens':2,'cache_creation_input_tokens':10,'cache_creation':"
                        + "{'ephemeral_1h_input_tokens':20}}|CONTRADICTORY",
                "{'input_tokens':1,'output_tokens':2,'cache_creation_input_tokens':600,'cache_creation':"
                        + "{'ephemeral_5m_input_tokens':600,'ephemeral_1h_input_tokens':400}}|CONTRADICTORY",
                "{'input_tokens':9,'output_tokens':2,'iterations':[{'type':'compaction','input_tokens':1,"
                        + "'output_tokens':2,'cache_creation_input_tokens':10,'cache_creation':"
                        + "{'ephemeral_1h_input_tokens':20}}]}|CONTRADICTORY",
                "{'input_tokens':3,'output_tokens':7,'iterations':[{'type':'message','input_tokens':3,'output_tokens':7},"
                        + "{'type':'advisor_message','model':'another','input_tokens':9,'output_tokens':9}]}|INCOMPLETE",
                "{'prompt_tokens':-1,'completion_tokens':7}|CONTRADICTORY",
                "{'prompt_tokens':9,'input_tokens':-3,'completion_tokens':7}|CONTRADICTORY",
                "{'prompt_tokens':'12','completion_tokens':7}|INPUT_UNKNOWN CONTRADICTORY",
                "{'prompt_tokens':1.5,'completion_tokens':7}|CONTRADICTORY",
                "{'prompt_tokens':12.0,'completion_tokens':7}|",
                "{'prompt_tokens':1e999999999,'completion_tokens':7}|CONTRADICTORY",
                "{'prompt_tokens':1e-999999999,'completion_tokens':7}|CONTRADICTORY",
                "{'prompt_tokens':9223372036854775808,'completion_tokens':7}|CONTRADICTORY",
                "{'prompt_tokens':2147483648,'completion_tokens':7}|CONTRADICTORY",
                "{'prompt_tokens':10,'completion_tokens':7,'prompt_tokens_details':{'cached_tokens':11}}|CONTRADICTORY",
                "{'prompt_tokens':10,'completion_tokens':7,'prompt_tokens_details':{'cached_tokens':6,"
                        + "'cache_write_tokens':5}}|CONTRADICTORY",
                "{'inputTokens':1,'outputTokens':2,'cacheWriteInputTokens':10,'cacheDetails':[{'ttl':'1h',"
                        + "'inputTokens':20}]}|CONTRADICTORY",
                "{'billed_units':{'image_tokens':3}}|OUTPUT_UNKNOWN",
                "{'billed_units':{'image_tokens':0,'output_tokens':1}}|INPUT_UNKNOWN",
                "{'billed_units':{'image_tokens':-3,'output_tokens':1}}|INPUT_UNKNOWN CONTRADICTORY",
                "{'billed_units':{'image_tokens':-3,'search_units':1}}|CONTRADICTORY",
                "{'total_input_tokens':3,'total_output_tokens':4,'grounding_tool_count':[{'type':'google_maps',"
                        + "'count':1}]}|INCOMPLETE",
                "{'total_input_tokens':3,'total_output_tokens':4,"
                        + "'grounding_tool_count':[{'type':'google_maps'}]}|",
                "{'total_input_tokens':3,'total_output_tokens':4,'grounding_tool_count':[{'type':'google_search',"
                        + "'count':'1'}]}|INCOMPLETE",
                "{'total_input_tokens':3,'total_output_tokens':4,'input_tokens_by_modality':{'text':3}}"
                        + "|CONTRADICTORY"
            })
    void doubts(String usageAndDoubts) {
        String[] parts = usageAndDoubts.split("\\|", 2);
        UsagePayload read = UsagePayload.read("", json(parts[0]));

        assertThat(read.tokens().doubts().stream().map(UsageDoubt::name).collect(Collectors.joining(" ")))
                .isEqualTo(parts[1]);
        assertThat(read.notes().isEmpty()).isEqualTo(parts[1].isEmpty());
    }

    @Test
    @DisplayName("of a stream's last event is exact once the input of its first event is set")
    void twoEvents() {
        TokenUsage first = UsagePayload.read(
                        "anthropic", json("{'type':'message_start','message':{'usage':{'input_tokens':100}}}"))
                .tokens();
        TokenUsage last = UsagePayload.read("anthropic", json("{'type':'message_delta','usage':{'output_tokens':15}}"))
                .tokens();

        assertThat(last.with("input_tokens", first.input())).isEqualTo(TokenUsage.of(100, 15));
        assertThat(first.with("output_tokens", last.output())).isEqualTo(TokenUsage.of(100, 15));
    }

    @Test
    @DisplayName("names the model of an advisor, without characters that could forge a line")
    void advisor() {
        String usage =
                "{'input_tokens':3,'output_tokens':7,'iterations':[{'type':'advisor_message','model':'opus\\nX'}]}";

        assertThat(UsagePayload.read("anthropic", json(usage)).notes())
                .singleElement()
                .asString()
                .contains("opus?X");
    }

    @ParameterizedTest
    @DisplayName("gives the tier of the call, from the object, the answer or the traffic's type")
    @ValueSource(
            strings = {
                "flex|{'service_tier':'flex','prompt_tokens':1}",
                "flex|{'service_tier':'flex','usage':{'prompt_tokens':1}}",
                "standard|{'service_tier':'flex','usage':{'service_tier':'default','prompt_tokens':1}}",
                "priority|{'usageMetadata':{'serviceTier':'PRIORITY','promptTokenCount':1}}",
                "flex|{'trafficType':'ON_DEMAND_FLEX'}",
                "standard|{'trafficType':'ON_DEMAND'}",
                "provisioned_throughput|{'trafficType':'PROVISIONED_THROUGHPUT'}",
                "standard|{'service_tier':'auto'}",
                "|{'prompt_tokens':1}",
                "flex|{'usage':{'inputTokens':1,'outputTokens':2},'serviceTier':{'type':'flex'}}",
                "priority|{'traffic_type':'ON_DEMAND_PRIORITY'}",
                "|{'trafficType':'TRAFFIC_TYPE_UNSPECIFIED'}",
                "flex|{'serviceTier':'SERVICE_TIER_UNSPECIFIED','trafficType':'ON_DEMAND_FLEX'}",
                "flex|{'service_tier':'unspecified','serviceTier':'FLEX'}",
                "|{'serviceTier':'SERVICE_TIER_UNSPECIFIED'}",
                "batch|{'custom_id':'a','result':{'type':'succeeded','message':{'usage':{'input_tokens':10,"
                        + "'service_tier':'batch'}}}}",
                "flex|{'response':{'status_code':200,'body':{'service_tier':'flex','usage':{'prompt_tokens':1}}}}",
                "|{'service_tier':null}",
                "flex|{'usage':{'prompt_tokens':1,"
                        + "'extra_properties':{'google':{'traffic_type':'ON_DEMAND_FLEX'}}}}",
                "standard|{'prompt_tokens':1,'extra_properties':{'google':{'traffic_type':'ON_DEMAND'}}}",
                "|{'prompt_tokens':1,'extra_properties':{'google':{}}}"
            })
    void tiers(String tierAndUsage) {
        String[] parts = tierAndUsage.split("\\|", 2);

        assertThat(UsagePayload.read("", json(parts[1])).serviceTier()).isEqualTo(parts[0]);
    }

    @Test
    @DisplayName("gives the provider's cost, unless it is 0 because the customer used an own key")
    void cost() {
        assertThat(UsagePayload.read("openrouter", "{\"cost\":0.5,\"is_byok\":false}")
                        .costUsd())
                .isEqualTo(0.5);
        assertThat(UsagePayload.read("openrouter", "{\"cost\":0,\"is_byok\":false}")
                        .costUsd())
                .isEqualTo(0.0);
        assertThat(UsagePayload.read("openrouter", "{\"cost\":0,\"is_byok\":true}")
                        .costUsd())
                .isNull();
        assertThat(UsagePayload.read("perplexity", "{\"cost\":{\"total_cost\":0.25}}")
                        .costUsd())
                .isEqualTo(0.25);
        assertThat(UsagePayload.read("openai", "{\"cost\":0.5}").costUsd()).isNull();
        assertThat(UsagePayload.read("openai", "{\"cost\":{\"total\":0.5}}").costUsd())
                .isNull();
        for (String none : List.of("\"free\"", "-1", "1e400", "null", "true")) {
            UsagePayload read = UsagePayload.read("openrouter", "{\"prompt_tokens\":6,\"cost\":" + none + "}");
            assertThat(read.costUsd()).as(none).isNull();
            assertThat(read.tokens().input()).as(none).isEqualTo(6);
        }
    }

    @ParameterizedTest
    @DisplayName(
            "gives the cost of OpenRouter, Perplexity and xAI also if their answer comes through a client of OpenAI")
    @ValueSource(
            strings = {
                "0.5|{'prompt_tokens':6,'cost':0.5,'is_byok':false}",
                "0.5|{'prompt_tokens':6,'cost':0.5,'cost_details':{'upstream_inference_cost':0.5}}",
                "0.0|{'prompt_tokens':6,'cost':0,'is_byok':false}",
                "null|{'prompt_tokens':6,'cost':0,'is_byok':true,'cost_details':{'upstream_inference_cost':0.5}}",
                "0.25|{'prompt_tokens':6,'cost':{'total_cost':0.25}}",
                "null|{'prompt_tokens':6,'cost':{'total_cost':'much'}}",
                "null|{'prompt_tokens':6,'cost':0.5,'is_byok':null,'cost_details':null}",
                "0.0037756|{'prompt_tokens':6,'cost_in_usd_ticks':37756000}",
                "1.0E-10|{'prompt_tokens':6,'cost_in_usd_ticks':1}",
                "1234.5678901233|{'input_tokens':6,'cost_in_usd_ticks':12345678901233}",
                "null|{'prompt_tokens':6,'cost_in_usd_ticks':0}",
                "null|{'prompt_tokens':6,'cost_in_usd_ticks':null}",
                "null|{'prompt_tokens':6,'cost_in_usd_ticks':-1}",
                "null|{'prompt_tokens':6,'cost_in_usd_ticks':'much'}",
                "0.5|{'prompt_tokens':6,'cost':0.5,'is_byok':false,'cost_in_usd_ticks':37756000}",
                "null|{'prompt_tokens':6,'cost':0,'is_byok':true,'cost_in_usd_ticks':37756000}"
            })
    void costByShape(String costAndUsage) {
        String[] parts = costAndUsage.split("\\|", 2);

        for (String provider : List.of("openai", "")) {
            assertThat(String.valueOf(
                            UsagePayload.read(provider, json(parts[1])).costUsd()))
                    .isEqualTo(parts[0]);
        }
    }

    @Test
    @DisplayName("gives the size of a search's context only if it is one of the three sizes")
    void searchContextSize() {
        assertThat(sizeOf("low")).isEqualTo("low");
        assertThat(sizeOf(" High ")).isEqualTo("high");
        assertThat(sizeOf("medium")).isEqualTo("medium");
        assertThat(sizeOf("huge")).isEmpty();
        assertThat(sizeOf("")).isEmpty();
    }

    private static String sizeOf(String told) {
        return UsagePayload.read("perplexity", json("{'prompt_tokens':6,'search_context_size':'" + told + "'}"))
                .searchContextSize();
    }

    @Test
    @DisplayName(
            "has a joint count of 0 only if the provider gives it or all other cached tokens, and its two wholes are above 0")
    void jointCountOfZero() {
        assertThat(joint("'audio_tokens':13,'cached_tokens':64,'cached_tokens_details':{'audio_tokens':0}"))
                .containsEntry("cache_audio_read_tokens", 0L);
        assertThat(joint("'audio_tokens':13,'cached_tokens':64,'cached_tokens_details':{'text_tokens':63}"))
                .doesNotContainKey("cache_audio_read_tokens");
        assertThat(joint("'audio_tokens':13,'cached_tokens':64,'cached_tokens_details':{'text_tokens':64}"))
                .containsEntry("cache_audio_read_tokens", 0L);
        assertThat(joint("'image_tokens':13,'cached_tokens':64,'cached_tokens_details':{'text_tokens':64}"))
                .containsEntry("cache_image_read_tokens", 0L);
        assertThat(joint("'audio_tokens':0,'cached_tokens':64,'cached_tokens_details':{'audio_tokens':0}"))
                .isEmpty();
        assertThat(joint("'audio_tokens':13,'cached_tokens':0,'cached_tokens_details':{'audio_tokens':0}"))
                .doesNotContainKey("cache_audio_read_tokens");
        assertThat(joint("'image_tokens':13,'cached_tokens':64,'cached_tokens_details':{'image_tokens':0}"))
                .containsEntry("cache_image_read_tokens", 0L);
    }

    @ParameterizedTest
    @DisplayName("of Gemini has a joint count of 0 if the cached tokens are all of other modalities")
    @ValueSource(
            strings = {
                "{'modality':'TEXT','tokenCount':100}|cache_audio_read_tokens=0",
                "{'modality':'TEXT','tokenCount':60},{'modality':'VIDEO','tokenCount':40}|cache_audio_read_tokens=0",
                "{'modality':'TEXT','tokenCount':99}|",
                "{'modality':'TEXT','tokenCount':90},{'modality':'AUDIO','tokenCount':10}|cache_audio_read_tokens=10",
                "|"
            })
    void jointCountOfGemini(String cachedAndJoint) {
        String[] parts = cachedAndJoint.split("\\|", 2);
        Map<String, Long> meters = UsagePayload.read(
                        "google",
                        json("{'promptTokenCount':1000,'candidatesTokenCount':10,'cachedContentTokenCount':100,"
                                + "'promptTokensDetails':[{'modality':'TEXT','tokenCount':300},"
                                + "{'modality':'AUDIO','tokenCount':500},{'modality':'DOCUMENT','tokenCount':200}],"
                                + "'cacheTokensDetails':[" + parts[0] + "]}"))
                .tokens()
                .meters();

        assertThat(meters.entrySet().stream()
                        .filter(meter -> meter.getKey().startsWith("cache_"))
                        .map(meter -> meter.getKey() + "=" + meter.getValue())
                        .collect(Collectors.joining(" ")))
                .isEqualTo(parts[1]);
    }

    private static Map<String, Long> joint(String details) {
        return UsagePayload.read(
                        "openai",
                        json("{'input_tokens':132,'output_tokens':1,'input_token_details':{" + details + "}}"))
                .tokens()
                .meters();
    }

    @ParameterizedTest
    @DisplayName("with a wrong value in the place of counts or of a name is not priced as if the value were missing")
    @ValueSource(
            strings = {
                "CONTRADICTORY|{'prompt_tokens':9,'completion_tokens':2,'prompt_tokens_details':[{'cached_tokens':5}]}",
                "CONTRADICTORY|{'prompt_tokens':9,'completion_tokens':2,'prompt_tokens_details':[5]}",
                "CONTRADICTORY|{'input_tokens':9,'output_tokens':2,'cache_creation':[{'ephemeral_1h_input_tokens':5}]}",
                "CONTRADICTORY|{'input_tokens':9,'output_tokens':2,'input_token_details':{'cached_tokens_details':7}}",
                "CONTRADICTORY|{'input_tokens':9,'output_tokens':2,'server_tool_use':[{'web_search_requests':5}]}",
                "CONTRADICTORY|{'promptTokenCount':9,'candidatesTokenCount':2,'promptTokensDetails':[5]}",
                "CONTRADICTORY|{'promptTokenCount':9,'candidatesTokenCount':2,'promptTokensDetails':{'AUDIO':5}}",
                "CONTRADICTORY|{'input_tokens':9,'output_tokens':2,'iterations':[5]}",
                "CONTRADICTORY|{'inputTokens':9,'outputTokens':2,'cacheDetails':['1h']}",
                "INCOMPLETE|{'prompt_tokens':9,'completion_tokens':2,'service_tier':['flex']}",
                "INCOMPLETE|{'usage':{'prompt_tokens':9,'completion_tokens':2},'service_tier':{'name':'flex'}}",
                "INCOMPLETE|{'inputTokens':9,'outputTokens':2,'serviceTier':{'type':5}}",
                "INCOMPLETE|{'promptTokenCount':9,'candidatesTokenCount':2,'trafficType':7}",
                "INCOMPLETE|{'prompt_tokens':9,'completion_tokens':2,'extra_properties':{'google':{'traffic_type':7}}}",
                "INCOMPLETE|{'input_tokens':9,'output_tokens':2,'speed':['fast']}",
                "INCOMPLETE|{'input_tokens':9,'output_tokens':2,'inference_geo':{'region':'us'}}",
                "INCOMPLETE|{'prompt_tokens':9,'completion_tokens':2,'prompt_audio_seconds':'12'}",
                "INCOMPLETE|{'prompt_tokens':9,'completion_tokens':2,'num_sources_used':-3}",
                "|{'prompt_tokens':9,'completion_tokens':2,'prompt_audio_seconds':{}}",
                "|{'prompt_tokens':9,'completion_tokens':2,'prompt_tokens_details':[]}",
                "|{'prompt_tokens':9,'completion_tokens':2,'prompt_tokens_details':[{'modality':'TEXT','tokenCount':9}]}",
                "|{'promptTokenCount':9,'candidatesTokenCount':2,'promptTokensDetails':[{'tokenCount':9}]}",
                "|{'promptTokenCount':9,'candidatesTokenCount':2,'promptTokensDetails':{}}",
                "|{'inputTokens':9,'outputTokens':2,'serviceTier':{'type':'flex'}}",
            })
    void misplaced(String doubtsAndUsage) {
        String[] parts = doubtsAndUsage.split("\\|", 2);
        UsagePayload read = UsagePayload.read("", json(parts[1]));

        assertThat(read.tokens().doubts().stream().map(UsageDoubt::name).collect(Collectors.joining(" ")))
                .isEqualTo(parts[0]);
        assertThat(read.tokens().input()).isEqualTo(9);
        assertThat(read.tokens().output()).isEqualTo(2);
        assertThat(read.notes().isEmpty()).isEqualTo(parts[0].isEmpty());
    }

    @ParameterizedTest
    @DisplayName("with the same name twice in one object is a problem, because nobody can tell which one counts")
    @ValueSource(
            strings = {
                "{'prompt_tokens':5,'prompt_tokens':9,'completion_tokens':2}",
                "{'prompt_tokens':5,'completion_tokens':2,'prompt_tokens':5}",
                "{'prompt_tokens':5,'prompt_tokens_details':{'cached_tokens':1,'cached_tokens':2}}",
                "{'usage':{'prompt_tokens':5},'usage':{'prompt_tokens':9}}",
                "{'prompt_tokens':5,'prompt\\u005ftokens':9,'completion_tokens':2}",
            })
    void twice(String usage) {
        assertThat(UsagePayload.read("openai", json(usage)).problem()).contains("usage has a name twice in one object");
    }

    @Test
    @DisplayName("with any number of unknown parts leads to a few notes, each once")
    void fewNotes() {
        assertThat(UsagePayload.read("anthropic", withIterations("{}", 900)).notes())
                .hasSize(1);
        StringBuilder models = new StringBuilder("{'model':'m'}");
        for (int i = 0; i < 900; i++) {
            models.append(",{'model':'m").append(i).append("'}");
        }
        assertThat(UsagePayload.read("anthropic", withIterations(json(models.toString()), 1))
                        .notes())
                .hasSize(50);
        UsagePayload tooMany = UsagePayload.read("anthropic", withIterations("{\"type\":\"compaction\"}", 60_000));
        assertThat(tooMany.notes()).containsExactly("iterations has more than 1000 entries, so the call is not priced");
        assertThat(tooMany.tokens().doubts()).contains(UsageDoubt.CONTRADICTORY);
        UsagePayload tooManyTools = UsagePayload.read(
                "gemini",
                json("{'total_input_tokens':9,'total_output_tokens':2,'grounding_tool_count':["
                        + String.join(",", Collections.nCopies(2000, "{'type':'google_search','count':1}")) + "]}"));
        assertThat(tooManyTools.tokens().doubts()).containsExactly(UsageDoubt.INCOMPLETE);
        assertThat(tooManyTools.notes()).hasSize(1);
    }

    private static String withIterations(String iteration, int times) {
        return "{\"input_tokens\":9,\"output_tokens\":2,\"iterations\":["
                + String.join(",", Collections.nCopies(times, iteration)) + "]}";
    }

    @Test
    @DisplayName("reports each value that is not a count once")
    void onceInWords() {
        assertThat(UsagePayload.read(
                                "openai",
                                json(
                                        "{'prompt_tokens':1,'completion_tokens':2,'total_tokens':'3','reasoning_tokens':1}"))
                        .notes())
                .containsExactly("total_tokens is no number, so the call is not priced");
    }

    @Test
    @DisplayName("that is not a usage object leads to a problem with a reason, and not to an exception")
    void problems() {
        List<String> none = List.of(
                "",
                "null",
                "5",
                "\"text\"",
                "[]",
                "{",
                "{\"a\":}",
                "{}{}",
                "{\"prompt_tokens\":1e99999999999}",
                "{\"prompt_tokens\":" + "9".repeat(2000) + "}",
                "{\"another\":0." + "9".repeat(1_900_000) + "}",
                "[".repeat(100_000),
                "{\"a\":".repeat(1000) + "1" + "}".repeat(1000),
                "{\"a\":\"" + "x".repeat(UsageText.MAX_CHARACTERS) + "\"}");
        for (String json : none) {
            UsagePayload read = UsagePayload.read("openai", json);
            assertThat(read.problem())
                    .as(json.substring(0, Math.min(20, json.length())))
                    .isPresent();
            assertThat(read.tokens().doubts()).contains(UsageDoubt.INPUT_UNKNOWN);
        }
        assertThat(UsagePayload.read(null, null).problem()).isPresent();
    }

    @Test
    @DisplayName(
            "that was changed at random leads to no exception, no negative count and no part larger than its whole")
    void mutated() throws IOException {
        Random random = new Random(1);
        List<String> texts = lines("payloads.jsonl")
                .map(line -> line.getJsonObject("usage").toString())
                .toList();
        String[] inserts = {
            "-",
            "9",
            "0",
            "\"",
            "{",
            "}",
            "null",
            "1e400",
            "999999999999",
            "9".repeat(1200),
            "1e99999999999",
            ",",
            "[",
            "true",
            ".5"
        };
        for (int i = 0; i < 10_000; i++) {
            StringBuilder text = new StringBuilder(texts.get(random.nextInt(texts.size())));
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, inserts[random.nextInt(inserts.length)]);
                    default -> text.setCharAt(at, "0123456789-.\"".charAt(random.nextInt(13)));
                }
            }
            TokenUsage tokens = UsagePayload.read("openai", text.toString()).tokens();
            for (Meter meter : Meter.values()) {
                assertThat(tokens.quantity(meter)).isNotNegative();
                for (Meter whole : meter.wholes()) {
                    assertThat(tokens.quantity(meter))
                            .as("%s of %s", meter, text)
                            .isLessThanOrEqualTo(tokens.quantity(whole));
                }
            }
        }
    }

    @Test
    @DisplayName("means the same if unknown fields are added")
    void unknownFields() throws IOException {
        for (JsonObject line : lines("payloads.jsonl").toList()) {
            String usage = line.getJsonObject("usage").toString();
            String more = "{\"a_new_field\":{\"b\":[1,2,{\"c\":-3}]},\"another\":\"x\"," + usage.substring(1);
            assertThat(UsagePayload.read(line.getString("provider"), more).tokens())
                    .isEqualTo(
                            UsagePayload.read(line.getString("provider"), usage).tokens());
        }
    }
}
