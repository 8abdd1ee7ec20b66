package dev.tokentally.llm;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What {@link UsagePayload} does with a value that an answer has outside its usage object. The value's name decides. An answer may
 * be far longer than {@link UsagePayload#read} takes, so its reader can leave out {@link #OTHER} values first, and the rest is read
 * alike.
 */
public enum AnswerPart {
    /** If it is an object, it has the counts. It is read as a whole. */
    USAGE,

    /** It may change the bill, as the service tier does. It is read as a whole. */
    BESIDE,

    /** If it is an object, its values are again of these kinds. */
    CARRIER,

    /** If it is a list, its first entry is a carrier. */
    LIST,

    /** It is not read. */
    OTHER;

    private static final List<String> USAGES =
            List.of("usage", "usageMetadata", "usage_metadata", "amazon-bedrock-invocationMetrics");

    /** Parts of an answer, of a stream's event or of a line of a batch's results. */
    private static final List<String> CARRIERS = List.of(
            "response",
            "message",
            "meta",
            "x_groq",
            "delta",
            "metadata",
            "event",
            "body",
            "result",
            "modelOutput",
            "interaction");

    private static final Map<String, AnswerPart> PARTS = parts();

    /**
     * The kind of a value.
     *
     * @param name the value's name in the object; not null
     * @return its kind; never null
     */
    public static AnswerPart of(String name) {
        return PARTS.getOrDefault(name, OTHER);
    }

    /** The names of the usage object, in the order in which they are looked for. */
    static List<String> usages() {
        return USAGES;
    }

    /** The names of the carriers, in the order in which they are looked for. */
    static List<String> carriers() {
        return CARRIERS;
    }

    private static Map<String, AnswerPart> parts() {
        Map<String, AnswerPart> parts = new HashMap<>();
        Stream.of(
                        UsageFields.INPUT,
                        UsageFields.OUTPUT,
                        UsageFields.TOTAL,
                        UsageFields.SERVICE_TIER,
                        UsageFields.TRAFFIC_TYPE,
                        UsageFields.TEXTS,
                        List.of(FoundUsage.TOOL_USAGE))
                .flatMap(Collection::stream)
                .forEach(path -> parts.put(path.split("\\.")[0], BESIDE));
        CARRIERS.forEach(name -> parts.put(name, CARRIER));
        Stream.concat(USAGES.stream(), Stream.of(FoundUsage.BILLED_UNITS)).forEach(name -> parts.put(name, USAGE));
        parts.put(FoundUsage.CHOICES, LIST);
        return Map.copyOf(parts);
    }
}
