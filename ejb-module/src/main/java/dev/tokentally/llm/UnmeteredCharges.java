package dev.tokentally.llm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds charges that have no meter although they change the bill. */
final class UnmeteredCharges {

    private static final List<String> UNITS = List.of(
            "prompt_audio_seconds",
            "image_pixels",
            "video_pixels",
            "num_sources_used",
            "server_tool_use.code_execution_requests");

    /** Each is an object with the provider's tools: OpenAI's, Mistral's, Perplexity's and xAI's. */
    private static final List<String> TOOLS =
            List.of("tool_usage", "connectors", "tool_calls_details", "server_side_tool_usage_details");

    /** xAI's searches are counted, and for MCP it charges nothing but the tokens. */
    private static final Set<String> COUNTED_TOOLS =
            Set.of("server_side_tool_usage_details.web_search_calls", "server_side_tool_usage_details.mcp_calls");

    /** Cohere's units, which no price list for tokens has. */
    private static final List<String> BILLED_UNITS = List.of("images", "classifications");

    private static final List<String> NAMES = List.of("inference_geo", "speed", "performanceConfig.latency");

    private UnmeteredCharges() {}

    /** One note for each charge; it says whether the bill may be higher, lower or just different. */
    static List<String> of(UsageObject usage) {
        List<String> notes = new ArrayList<>();
        String geo = usage.text("inference_geo");
        if (!geo.isEmpty() && !geo.equalsIgnoreCase("global") && !geo.equalsIgnoreCase("not_available")) {
            notes.add("inference_geo is " + UsageText.name(geo)
                    + ", for which there is no meter: the bill may be higher");
        }
        if (usage.text("speed").equalsIgnoreCase("fast")) {
            notes.add("speed is fast, for which there is no meter: the bill is higher");
        }
        if (usage.text("performanceConfig.latency").equalsIgnoreCase("optimized")) {
            notes.add("the latency is optimized, for which there is no meter: the bill is higher");
        }
        for (String name : NAMES) {
            if (usage.isNoText(name)) {
                notes.add(name + " is not given as text: the bill may differ");
            }
        }
        for (String unit : BILLED_UNITS) {
            if (usage.isBilledUnits() && isAboveZero(usage, unit)) {
                notes.add(unit + " are billed, for which there is no meter: the bill is higher");
            }
        }
        for (String unit : UNITS) {
            if (isAboveZero(usage, unit)) {
                notes.add(withoutMeter(unit));
            }
        }
        for (String tools : TOOLS) {
            usage.used(tools).stream()
                    .map(tool -> tools + "." + tool)
                    .filter(tool -> !isCounted(usage, tool))
                    .forEach(tool -> notes.add(withoutMeter(UsageText.name(tool))));
            if (usage.isUsed(tools) && usage.used(tools).isEmpty()) {
                notes.add(withoutMeter(tools));
            }
        }
        if (isAboveZero(usage, "num_server_side_tools_used")
                && usage.used("server_side_tool_usage_details").isEmpty()) {
            notes.add("num_server_side_tools_used is given, but not which tools: the bill may be higher");
        }
        if (!usage.text("search_context_size").isEmpty() && usage.webSearches() == 0) {
            notes.add("a search context size is given, but no number of searches: the bill may be higher");
        }
        return notes;
    }

    private static String withoutMeter(String charge) {
        return charge + " is given, for which there is no meter: the bill may be higher";
    }

    /** A search of another shape than the provider's has no count. */
    private static boolean isCounted(UsageObject usage, String tool) {
        return COUNTED_TOOLS.contains(tool)
                || UsageFields.TOOL_SEARCHES.stream()
                        .filter(path -> path.equals(tool) || path.startsWith(tool + "."))
                        .anyMatch(path -> usage.countIfRight(path).isPresent());
    }

    /** A text in the place of a number, or an impossible number, counts as more than 0: something was charged. */
    private static boolean isAboveZero(UsageObject usage, String path) {
        Double number = usage.number(path);
        return number == null ? usage.isScalar(path) && usage.isUsed(path) : number > 0;
    }
}
