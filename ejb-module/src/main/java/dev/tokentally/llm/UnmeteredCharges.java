package dev.tokentally.llm;

import java.util.ArrayList;
import java.util.List;

/** Finds charges that have no meter although they change the bill. */
final class UnmeteredCharges {

    private static final List<String> UNITS = List.of(
            "prompt_audio_seconds",
            "image_pixels",
            "video_pixels",
            "num_sources_used",
            "server_tool_use.code_execution_requests",
            "server_side_tool_usage_details.x_search_calls",
            "server_side_tool_usage_details.code_interpreter_calls",
            "server_side_tool_usage_details.file_search_calls",
            "server_side_tool_usage_details.document_search_calls");

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
                notes.add(unit + " is given, for which there is no meter: the bill may be higher");
            }
        }
        if (!usage.text("search_context_size").isEmpty()
                && usage.count(UsageFields.WEB_SEARCHES).orElse(0) == 0) {
            notes.add("a search context size is given, but no number of searches: the bill may be higher");
        }
        return notes;
    }

    /** A text in the place of a number, or an impossible number, counts as more than 0: something was charged. */
    private static boolean isAboveZero(UsageObject usage, String path) {
        Double number = usage.number(path);
        return number == null ? usage.isScalar(path) : number > 0;
    }
}
