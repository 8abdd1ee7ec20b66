package dev.tokentally.llm;

import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** A provider's usage object. It finds counts by their paths and remembers values that are not counts. */
final class UsageObject {

    /** A name under which some providers have a list and others an object. */
    private static final Set<String> OBJECTS_TOO = Set.of("prompt_tokens_details");

    /** The names of the count in a list of modalities. */
    private static final List<String> COUNTS = List.of("tokenCount", "token_count", "tokens");

    /**
     * The most objects of a list that are read. Providers send a few, and reading costs time, since each is read for
     * every meter.
     */
    private static final int MOST_OBJECTS = 1000;

    private final JsonObject usage;
    private final List<JsonObject> around;
    private final boolean billedUnits;
    private final boolean ofInteractions;
    private final Set<String> wrong = new LinkedHashSet<>();

    private UsageObject(JsonObject usage, List<JsonObject> around, boolean billedUnits) {
        this.usage = usage;
        this.around = around;
        this.billedUnits = billedUnits;
        this.ofInteractions = Stream.of(UsageFields.INPUT, UsageFields.OUTPUT)
                .flatMap(List::stream)
                .filter(name -> !UsageFields.INTERACTIONS.contains(name))
                .noneMatch(this::has);
    }

    /**
     * Reads the text and finds the usage object in it.
     *
     * @throws IllegalArgumentException when the text is no JSON object; the message says why and quotes nothing of the
     *     text
     */
    static UsageObject parse(String json) {
        FoundUsage found = FoundUsage.in(UsageText.parse(json));
        return new UsageObject(found.usage(), found.around(), found.billedUnits());
    }

    /** Whether it is a list of what is billed. What such a list does not name is not billed. */
    boolean isBilledUnits() {
        return billedUnits;
    }

    /**
     * What is wrong, in words, with each value that stands in the place of a count. The names are those of the paths.
     */
    Set<String> wrong() {
        return wrong;
    }

    /** Whether anything but null stands under the path. */
    boolean has(String path) {
        JsonValue told = find(usage, path);
        return told != null && told != JsonValue.NULL;
    }

    /**
     * The first count above 0 under one of the paths, since some servers fill in every name. It is 0 if all counts are
     * 0, and empty if there is none. Every path is read, so that wrong values under later names are found too.
     */
    OptionalLong count(List<String> paths) {
        OptionalLong first = OptionalLong.empty();
        for (String path : paths) {
            OptionalLong count = count(path);
            if (count.isPresent() && first.orElse(0) == 0) {
                first = count;
            }
        }
        return first;
    }

    /** The count under a path such as {@code prompt_tokens_details.cached_tokens}, or {@code promptTokensDetails[AUDIO]}. */
    OptionalLong count(String path) {
        int bracket = path.indexOf('[');
        String holder = bracket < 0 ? path : path.substring(0, bracket);
        if (!ofInteractions && UsageFields.INTERACTIONS.contains(holder)) {
            return OptionalLong.empty();
        }
        checkHolder(path);
        if (bracket < 0) {
            return count(path, find(usage, path));
        }
        String modality = path.substring(bracket + 1, path.length() - 1);
        if (!(find(usage, holder) instanceof JsonArray details)) {
            return OptionalLong.empty();
        }
        OptionalLong sum = OptionalLong.empty();
        for (JsonValue each : details) {
            if (each instanceof JsonObject detail && modality.equalsIgnoreCase(text(detail, "modality"))) {
                JsonValue told = COUNTS.stream()
                        .filter(detail::containsKey)
                        .findFirst()
                        .map(detail::get)
                        .orElse(null);
                OptionalLong count = count(path, told);
                if (count.isPresent()) {
                    sum = OptionalLong.of(plus(sum.orElse(0), count.getAsLong()));
                }
            }
        }
        return sum;
    }

    /** The count under a path. It is empty for a value that cannot be a count, and that value does not become wrong. */
    OptionalLong countIfRight(String path) {
        UsageObject apart = new UsageObject(usage, List.of(), false);
        OptionalLong count = apart.count(path);
        return apart.wrong.isEmpty() ? count : OptionalLong.empty();
    }

    /** The number of web searches; 0 if none is given. */
    long webSearches() {
        long searches = count(UsageFields.WEB_SEARCHES).orElse(0);
        return searches > 0
                ? searches
                : UsageFields.TOOL_SEARCHES.stream()
                        .mapToLong(path -> countIfRight(path).orElse(0))
                        .filter(count -> count > 0)
                        .findFirst()
                        .orElse(0);
    }

    /**
     * Remembers a wrong value that stands in the place of an object or a list. Otherwise the counts in it would be lost
     * silently.
     */
    private void checkHolder(String path) {
        int bracket = path.indexOf('[');
        String[] names = (bracket < 0 ? path : path.substring(0, bracket)).split("\\.");
        JsonValue at = usage;
        for (int i = 0; i < names.length - (bracket < 0 ? 1 : 0) && at instanceof JsonObject object; i++) {
            at = object.get(names[i]);
            if (!(at == null || at == JsonValue.NULL || at instanceof JsonObject || isOfModalities(at))) {
                wrong.add(names[i] + " is no object");
            }
        }
        if (bracket >= 0 && at instanceof JsonObject object && !object.isEmpty() && !OBJECTS_TOO.contains(names[0])) {
            wrong.add(names[0] + " is no list");
        }
    }

    /**
     * Whether it is a list of counts by modality, as Gemini has it. For other providers an object may stand under the
     * same name.
     */
    private static boolean isOfModalities(JsonValue told) {
        return told instanceof JsonArray list
                && list.stream()
                        .allMatch(each -> each instanceof JsonObject detail
                                && (detail.containsKey("modality")
                                        || COUNTS.stream().anyMatch(detail::containsKey)));
    }

    private OptionalLong count(String path, JsonValue told) {
        if (told == null || told == JsonValue.NULL) {
            return OptionalLong.empty();
        }
        if (!(told instanceof JsonNumber number)) {
            wrong.add(path + " is no number");
            return OptionalLong.empty();
        }
        BigDecimal value;
        try {
            value = number.bigDecimalValue();
        } catch (RuntimeException beyondDecimals) {
            wrong.add(path + " is larger than can be counted");
            return OptionalLong.of(Long.MAX_VALUE);
        }
        if (value.signum() < 0) {
            wrong.add(path + " is negative");
            return OptionalLong.of(0);
        }
        // The number of digits is compared, since writing out 1e999999999 would take all memory.
        if (value.signum() > 0 && (long) value.precision() - value.scale() > 19
                || value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            wrong.add(path + " is larger than can be counted");
            return OptionalLong.of(Long.MAX_VALUE);
        }
        if (value.signum() > 0
                && (value.precision() - value.scale() < 1
                        || value.stripTrailingZeros().scale() > 0)) {
            wrong.add(path + " is not a whole number");
            return OptionalLong.of(value.longValue());
        }
        return OptionalLong.of(value.longValue());
    }

    /** A sum that stops at the largest number. */
    static long plus(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /**
     * The entries of a list of tools, each as an object; one that is no object has no names. It is empty if the value is
     * no list or is too long.
     */
    List<UsageObject> tools(String path) {
        return find(usage, path) instanceof JsonArray list && list.size() <= MOST_OBJECTS
                ? list.stream()
                        .filter(UsageObject::isUsed)
                        .map(each -> each instanceof JsonObject object ? object : JsonValue.EMPTY_JSON_OBJECT)
                        .map(each -> new UsageObject(each, List.of(), false))
                        .toList()
                : List.of();
    }

    /** The objects of a list. */
    List<UsageObject> objects(String path) {
        List<UsageObject> objects = new ArrayList<>();
        if (has(path) && !(find(usage, path) instanceof JsonArray)) {
            wrong.add(path + " is no list");
        }
        if (find(usage, path) instanceof JsonArray list) {
            if (list.size() > MOST_OBJECTS) {
                wrong.add(path + " has more than " + MOST_OBJECTS + " entries");
                return objects;
            }
            for (JsonValue each : list) {
                if (each instanceof JsonObject object) {
                    objects.add(new UsageObject(object, List.of(), false));
                } else {
                    wrong.add(path + " has an entry that is no object");
                }
            }
        }
        return objects;
    }

    /** The text under a path in the usage object, otherwise in the objects around it; empty if there is none. */
    String text(String path) {
        return texts(path).findFirst().orElse("");
    }

    /** The texts under a path that are not empty: first that of the usage object, then those of the objects around it. */
    Stream<String> texts(String path) {
        return holders(path).map(each -> text(each, path)).filter(text -> !text.isEmpty());
    }

    /** Whether a text, a number, true or false stands under the path. */
    boolean isScalar(String path) {
        JsonValue told = find(usage, path);
        return told != null && told != JsonValue.NULL && !(told instanceof JsonObject) && !(told instanceof JsonArray);
    }

    /** Whether anything but 0, false, null or an empty text stands under the path, also deep inside. */
    boolean isUsed(String path) {
        JsonValue told = find(usage, path);
        return told != null && isUsed(told);
    }

    /** The names in the object under a path that are used. */
    List<String> used(String path) {
        return find(usage, path) instanceof JsonObject object
                ? object.keySet().stream()
                        .filter(name -> isUsed(object.get(name)))
                        .toList()
                : List.of();
    }

    private static boolean isUsed(JsonValue told) {
        if (told instanceof JsonObject object) {
            return object.values().stream().anyMatch(UsageObject::isUsed);
        }
        if (told instanceof JsonArray list) {
            return list.stream().anyMatch(UsageObject::isUsed);
        }
        if (told instanceof JsonString text) {
            return !text.getString().isBlank();
        }
        return told instanceof JsonNumber number ? !isZero(number) : told == JsonValue.TRUE;
    }

    private static boolean isZero(JsonNumber number) {
        try {
            return number.bigDecimalValue().signum() == 0;
        } catch (RuntimeException beyondDecimals) {
            return false;
        }
    }

    /** Whether something other than a text stands where {@link #text} looks for one. */
    boolean isNoText(String path) {
        return text(path).isEmpty()
                && holders(path)
                        .map(each -> find(each, path))
                        .anyMatch(told -> told != null && told != JsonValue.NULL && !(told instanceof JsonString));
    }

    /** The usage object and, if the text may be beside it, the objects around it. */
    private Stream<JsonObject> holders(String path) {
        boolean isBeside = AnswerPart.of(path.split("\\.")[0]) == AnswerPart.BESIDE;
        return isBeside ? Stream.concat(Stream.of(usage), around.stream()) : Stream.of(usage);
    }

    boolean isTrue(String path) {
        return find(usage, path) == JsonValue.TRUE;
    }

    /** A number that may have a fraction; null if there is none, or if it is negative or infinite. */
    Double number(String path) {
        if (!(find(usage, path) instanceof JsonNumber number)) {
            return null;
        }
        try {
            double value = number.doubleValue();
            return Double.isFinite(value) && value >= 0 ? (Double) value : null;
        } catch (RuntimeException beyondDecimals) {
            return null;
        }
    }

    private static String text(JsonObject in, String path) {
        return find(in, path) instanceof JsonString text ? text.getString() : "";
    }

    private static JsonValue find(JsonObject in, String path) {
        JsonValue at = in;
        for (String name : path.split("\\.")) {
            if (!(at instanceof JsonObject object)) {
                return null;
            }
            at = object.get(name);
        }
        return at;
    }
}
