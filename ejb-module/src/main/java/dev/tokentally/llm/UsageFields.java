package dev.tokentally.llm;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The names under which providers report their counts. If an object has several names of one list, the first count
 * above 0 is taken.
 */
final class UsageFields {

    // Gemini's lists, each with a count for a modality, by the names of its APIs.

    private static final List<String> PROMPT_LISTS = List.of(
            "promptTokensDetails", "prompt_tokens_details", "input_tokens_by_modality", "inputTokensByModality");

    /** In addition to those of the prompt. */
    private static final List<String> TOOL_LISTS = List.of(
            "toolUsePromptTokensDetails",
            "tool_use_prompt_tokens_details",
            "tool_use_tokens_by_modality",
            "toolUseTokensByModality");

    private static final List<String> CACHE_LISTS = List.of(
            "cacheTokensDetails", "cache_tokens_details", "cached_tokens_by_modality", "cachedTokensByModality");

    private static final List<String> ANSWER_LISTS = List.of(
            "candidatesTokensDetails",
            "candidates_tokens_details",
            "responseTokensDetails",
            "response_tokens_details",
            "output_tokens_by_modality",
            "outputTokensByModality");

    static final List<String> INPUT = List.of(
            "prompt_tokens",
            "input_tokens",
            "promptTokenCount",
            "prompt_token_count",
            "inputTokens",
            "inputTokenCount",
            "inputTextTokenCount",
            "input_token_count",
            "prompt_eval_count",
            "total_input_tokens",
            "totalInputTokens");

    static final List<String> OUTPUT = List.of(
            "completion_tokens",
            "output_tokens",
            "candidatesTokenCount",
            "candidates_token_count",
            "responseTokenCount",
            "response_token_count",
            "outputTokens",
            "outputTokenCount",
            "output_token_count",
            "generation_token_count",
            "generated_token_count",
            "eval_count",
            "total_output_tokens",
            "totalOutputTokens");

    static final List<String> TOTAL = List.of("total_tokens", "totalTokenCount", "total_token_count", "totalTokens");

    /** Gemini, in addition to the prompt's count. */
    static final List<String> TOOL_PROMPT = List.of(
            "toolUsePromptTokenCount", "tool_use_prompt_token_count", "total_tool_use_tokens", "totalToolUseTokens");

    /** Mistral: what its tools put into the prompt, in addition to the prompt's count unless the total is too small. */
    static final List<String> CONNECTORS = List.of("connector_tokens");

    /** Gemini, in addition to the candidates' count. */
    static final List<String> THOUGHTS =
            List.of("thoughtsTokenCount", "thoughts_token_count", "total_thought_tokens", "totalThoughtTokens");

    /** Either a part of the completion's count or in addition to it. The total shows which. */
    static final List<String> REASONING = List.of(
            "completion_tokens_details.reasoning_tokens",
            "output_tokens_details.reasoning_tokens",
            "output_tokens_details.thinking_tokens",
            "output_token_details.reasoning_tokens",
            "reasoning_tokens");

    /** Anthropic and Bedrock, in addition to the input's count. */
    static final List<String> CACHE_READ_BESIDE =
            List.of("cache_read_input_tokens", "cacheReadInputTokens", "cacheReadInputTokenCount");

    static final List<String> CACHE_READ_WITHIN = List.of(
            "prompt_tokens_details.cached_tokens",
            "input_tokens_details.cached_tokens",
            "input_token_details.cached_tokens",
            "input_tokens_details.cache_read_input_tokens",
            "cachedContentTokenCount",
            "cached_content_token_count",
            "total_cached_tokens",
            "totalCachedTokens",
            "prompt_cache_hit_tokens",
            "num_cached_tokens",
            "cached_prompt_text_tokens",
            "cached_tokens");

    /** Anthropic and Bedrock, in addition to the input's count. */
    static final List<String> CACHE_WRITE_BESIDE =
            List.of("cache_creation_input_tokens", "cacheWriteInputTokens", "cacheWriteInputTokenCount");

    static final List<String> CACHE_WRITE_WITHIN = List.of(
            "prompt_tokens_details.cache_write_tokens",
            "prompt_tokens_details.cache_creation_tokens",
            "prompt_tokens_details.cache_creation_input_tokens",
            "input_tokens_details.cache_write_tokens",
            "input_tokens_details.cache_creation_input_tokens",
            "input_token_details.cache_write_tokens");

    /** The second name is LiteLLM's. It is a part of LiteLLM's count of writes. */
    static final List<String> CACHE_WRITE_5M = List.of(
            "cache_creation.ephemeral_5m_input_tokens",
            "prompt_tokens_details.cache_creation_token_details.ephemeral_5m_input_tokens");

    static final List<String> CACHE_WRITE_1H = List.of(
            "cache_creation.ephemeral_1h_input_tokens",
            "prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens");

    /** Bedrock: a list of objects with a {@code ttl}. */
    static final String CACHE_WRITE_DETAILS = "cacheDetails";

    static final List<String> INPUT_AUDIO = byModality(
            "AUDIO",
            PROMPT_LISTS,
            "prompt_tokens_details.audio_tokens",
            "input_tokens_details.audio_tokens",
            "input_token_details.audio_tokens");

    static final List<String> INPUT_IMAGE = byModality(
            "IMAGE",
            PROMPT_LISTS,
            "prompt_tokens_details.image_tokens",
            "input_tokens_details.image_tokens",
            "input_token_details.image_tokens",
            "prompt_image_tokens");

    /** Cohere's billed units, in addition to the input's count. */
    static final List<String> BILLED_IMAGE = List.of("image_tokens");

    static final List<String> INPUT_DOCUMENT = byModality("DOCUMENT", PROMPT_LISTS);

    /** Gemini: the modalities of the tools' prompt, in addition to those of the prompt. */
    static final List<String> TOOL_AUDIO = byModality("AUDIO", TOOL_LISTS);

    static final List<String> TOOL_IMAGE = byModality("IMAGE", TOOL_LISTS);

    static final List<String> TOOL_DOCUMENT = byModality("DOCUMENT", TOOL_LISTS);

    static final List<String> TOOL_VIDEO = byModality("VIDEO", TOOL_LISTS);

    static final List<String> INPUT_VIDEO = byModality(
            "VIDEO",
            PROMPT_LISTS,
            "prompt_tokens_details.video_tokens",
            "input_tokens_details.video_tokens",
            "input_token_details.video_tokens");

    static final List<String> CACHE_AUDIO_READ = byModality(
            "AUDIO",
            CACHE_LISTS,
            "input_token_details.cached_tokens_details.audio_tokens",
            "input_tokens_details.cached_tokens_details.audio_tokens",
            "prompt_tokens_details.cached_tokens_details.audio_tokens");

    static final List<String> CACHE_IMAGE_READ = byModality(
            "IMAGE",
            CACHE_LISTS,
            "input_token_details.cached_tokens_details.image_tokens",
            "input_tokens_details.cached_tokens_details.image_tokens",
            "prompt_tokens_details.cached_tokens_details.image_tokens");

    static final List<String> CACHE_DOCUMENT_READ = byModality("DOCUMENT", CACHE_LISTS);

    /** Cached texts and films have no meter. They show whether all cached tokens are listed. */
    static final List<String> CACHE_TEXT_READ = byModality(
            "TEXT",
            CACHE_LISTS,
            "input_token_details.cached_tokens_details.text_tokens",
            "input_tokens_details.cached_tokens_details.text_tokens",
            "prompt_tokens_details.cached_tokens_details.text_tokens");

    static final List<String> CACHE_VIDEO_READ = byModality("VIDEO", CACHE_LISTS);

    static final List<String> OUTPUT_AUDIO = byModality(
            "AUDIO",
            ANSWER_LISTS,
            "completion_tokens_details.audio_tokens",
            "output_tokens_details.audio_tokens",
            "output_token_details.audio_tokens");

    static final List<String> OUTPUT_IMAGE = byModality(
            "IMAGE",
            ANSWER_LISTS,
            "completion_tokens_details.image_tokens",
            "output_tokens_details.image_tokens",
            "output_token_details.image_tokens");

    static final List<String> OUTPUT_DOCUMENT = byModality("DOCUMENT", ANSWER_LISTS);

    static final List<String> OUTPUT_VIDEO = byModality(
            "VIDEO",
            ANSWER_LISTS,
            "completion_tokens_details.video_tokens",
            "output_tokens_details.video_tokens",
            "output_token_details.video_tokens");

    /** Perplexity, in addition to the completion's count. */
    static final List<String> CITATIONS = List.of("citation_tokens");

    static final List<String> WEB_SEARCHES = List.of(
            "server_tool_use.web_search_requests",
            "server_tool_use_details.web_search_requests",
            "server_side_tool_usage_details.web_search_calls",
            "prompt_tokens_details.web_search_requests",
            "num_search_queries");

    /** Others may have something else under these names, so such a value is no wrong count. */
    static final List<String> TOOL_SEARCHES = List.of(
            "tool_usage.web_search.num_requests",
            "connectors.web_search",
            "tool_calls_details.search_web.invocation",
            "tool_calls_details.web_search.invocation");

    /** The first one that the object has counts. Bedrock puts the name into an object of its own. */
    static final List<String> SERVICE_TIER = List.of("service_tier", "serviceTier", "serviceTier.type");

    /** Google. The last name is that of Vertex AI for clients of OpenAI. */
    static final List<String> TRAFFIC_TYPE =
            List.of("trafficType", "traffic_type", "extra_properties.google.traffic_type");

    /** Other texts that are read, also from the objects around the usage object. */
    static final List<String> TEXTS =
            List.of("inference_geo", "speed", "performanceConfig.latency", "cost.currency", "search_context_size");

    /** Gemini's Interactions: lists of objects with a {@code type} and a {@code count}. */
    static final List<String> GROUNDINGS = List.of("grounding_tool_count", "groundingToolCount");

    /** Gemini's Interactions. Others may have sums of several calls under these names. */
    static final Set<String> INTERACTIONS = Set.of(
            "total_input_tokens",
            "totalInputTokens",
            "total_output_tokens",
            "totalOutputTokens",
            "total_cached_tokens",
            "totalCachedTokens",
            "total_thought_tokens",
            "totalThoughtTokens",
            "total_tool_use_tokens",
            "totalToolUseTokens",
            "input_tokens_by_modality",
            "inputTokensByModality",
            "output_tokens_by_modality",
            "outputTokensByModality",
            "cached_tokens_by_modality",
            "cachedTokensByModality",
            "tool_use_tokens_by_modality",
            "toolUseTokensByModality");

    static final List<String> SEARCH_UNITS = List.of("search_units");

    /** A name in JSON that belongs to a count of the output, or to an object or list with parts of the output. */
    static final Pattern OUTPUT_NAME = Pattern.compile(Stream.of(OUTPUT, THOUGHTS, OUTPUT_AUDIO)
            .flatMap(List::stream)
            .map(path -> path.split("[.\\[]")[0])
            .distinct()
            .collect(Collectors.joining("|", "\"(?:", ")\"")));

    private UsageFields() {}

    /** The names that an object has for a modality, and then the modality in each of the lists. */
    private static List<String> byModality(String modality, List<String> lists, String... names) {
        return Stream.concat(Stream.of(names), lists.stream().map(list -> list + "[" + modality + "]"))
                .toList();
    }
}
