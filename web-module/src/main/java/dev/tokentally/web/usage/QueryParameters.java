package dev.tokentally.web.usage;

import dev.tokentally.text.CodePoint;
import dev.tokentally.text.OneLine;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.Window;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The query parameters of a request, read strictly. Otherwise, with a misspelt name or a value that is there twice, a client would
 * get the answer to another question than it meant to ask. A fault ends the request with 422 and names the parameter.
 */
public final class QueryParameters {

    static final String FROM = "from";
    static final String TO = "to";

    /** Where a list goes on. */
    public static final String CURSOR = "cursor";

    /** How much of a list is wanted. */
    public static final String LIMIT = "limit";

    /** One for each dimension except the tenant, which is the caller's or has a parameter of its own. */
    static final List<Dimension> FILTERS = Dimension.ALL.stream()
            .filter(dimension -> !dimension.equals(Dimension.TENANT))
            .toList();

    /** Stands for the names of all tags, whatever their keys are. */
    private static final String ANY_TAG = "tag.KEY";

    private static final String TENANT = "tenant";

    private static final Pattern UUID_FORM = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    /** Few enough digits that the number cannot overflow. */
    private static final Pattern NUMBER_FORM = Pattern.compile("[0-9]{1,9}");

    private final Map<String, List<String>> values;

    private QueryParameters(Map<String, List<String>> values) {
        this.values = values;
    }

    /** For a request that may name a tenant beside the others. */
    static QueryParameters withTenant(Map<String, List<String>> values, List<String> others) {
        List<String> known = new ArrayList<>(others);
        known.add(0, TENANT);
        return of(values, known);
    }

    /**
     * For a request that may have these and no others.
     *
     * @param values as they came
     * @param known their names
     * @return the parameters
     * @throws ProblemException when the request has any other parameter, or one of them twice
     */
    public static QueryParameters of(Map<String, List<String>> values, List<String> known) {
        values.forEach((name, all) -> {
            if (!(isTag(name) ? known.contains(ANY_TAG) : known.contains(name))) {
                throw invalid("unknown parameter " + OneLine.of(name) + "; known are " + String.join(", ", known));
            }
            if (all.size() > 1) {
                throw invalid(name + " is there " + all.size() + " times");
            }
            // Recorded names may have any other character, such as the one that replaces these two.
            if (all.get(0).codePoints().anyMatch(c -> c == 0 || CodePoint.isHalf(c))) {
                throw invalid(name + " has a NUL, or half of a character");
            }
        });
        return new QueryParameters(values);
    }

    /** The names of a window's ends and of the filters, with others after them. */
    static List<String> filtersAnd(String... others) {
        return Stream.of(
                        Stream.of(FROM, TO),
                        FILTERS.stream().map(Dimension::label),
                        Stream.of(ANY_TAG),
                        Stream.of(others))
                .flatMap(names -> names)
                .toList();
    }

    /** The values that the calls must have. A dimension that every call has must not be empty. */
    Map<Dimension, String> filters() {
        Map<Dimension, String> filters = new HashMap<>();
        for (Dimension dimension : Stream.concat(FILTERS.stream(), tags()).toList()) {
            String label = dimension.label();
            String value = dimension.mayBeUnknown() ? text(label) : name(label);
            if (value != null) {
                filters.put(dimension, value);
            }
        }
        return filters;
    }

    private Stream<Dimension> tags() {
        return values.keySet().stream().filter(QueryParameters::isTag).map(Dimension::of);
    }

    private static boolean isTag(String name) {
        try {
            return Dimension.of(name).tagKey().isPresent();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Optional<Dimension> allowedOrTag(String label, List<Dimension> allowed) {
        return isTag(label)
                ? Optional.of(Dimension.of(label))
                : allowed.stream().filter(each -> each.label().equals(label)).findFirst();
    }

    /** One of those that are allowed, or a tag; null when it is not there. */
    Dimension dimension(String name, List<Dimension> allowed) {
        return parsed(
                name,
                label -> allowedOrTag(label, allowed).orElseThrow(() -> new IllegalArgumentException(label)),
                "must be one of " + allowed.stream().map(Dimension::label).collect(Collectors.joining(", ")) + ", "
                        + ANY_TAG);
    }

    /** The dimensions in a list with commas: at least one, at most as many as a report may have, and none twice. */
    List<Dimension> dimensions(String name, List<Dimension> allowed) {
        String rule = "must be one or two of "
                + allowed.stream().map(Dimension::label).collect(Collectors.joining(", "))
                + ", " + ANY_TAG + ", with a comma between two";
        String value = text(name);
        if (value == null) {
            throw invalid(name + " is missing; it " + rule);
        }
        List<Dimension> dimensions = new ArrayList<>();
        for (String label : value.split(",", -1)) {
            Dimension dimension = allowedOrTag(label, allowed).orElseThrow(() -> invalid(name + " " + rule));
            if (dimensions.contains(dimension)) {
                throw invalid(name + " has " + label + " twice");
            }
            dimensions.add(dimension);
        }
        if (dimensions.size() > UsageQuestion.MAX_DIMENSIONS) {
            throw invalid(name + " " + rule);
        }
        return dimensions;
    }

    /** Null when it is not there. */
    String text(String name) {
        List<String> all = values.get(name);
        return all == null ? null : all.get(0);
    }

    /** Null when it is not there, but not empty. */
    String name(String name) {
        String value = text(name);
        if (value != null && value.isEmpty()) {
            throw invalid(name + " must not be empty");
        }
        return value;
    }

    /** Null when it is not there. */
    String tenant() {
        return name(TENANT);
    }

    Window window() {
        try {
            return new Window(instant(FROM), instant(TO));
        } catch (IllegalArgumentException e) {
            throw invalid(e.getMessage());
        }
    }

    private Instant instant(String name) {
        return parsed(
                name,
                value -> OffsetDateTime.parse(value).toInstant(),
                "must be a timestamp with an offset, such as 2026-01-31T00:00:00Z or 2026-01-31T00:00:00%2B01:00 (a + must"
                        + " be sent as %2B)");
    }

    UUID uuid(String name) {
        return parsed(
                name,
                value -> {
                    if (!UUID_FORM.matcher(value).matches()) {
                        throw new IllegalArgumentException(value);
                    }
                    return UUID.fromString(value);
                },
                "must be a UUID, such as 01890a5d-ac96-774b-bcce-b302099a8057");
    }

    /** Null when it is not there, otherwise one of those that are allowed. */
    <E> E choice(String name, List<E> allowed, Function<E, String> label) {
        return parsed(
                name,
                value -> allowed.stream()
                        .filter(each -> label.apply(each).equals(value))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(value)),
                "must be one of " + allowed.stream().map(label).collect(Collectors.joining(", ")));
    }

    /**
     * A number.
     *
     * @param name of the parameter
     * @param max the largest that is allowed; the smallest is 1
     * @param otherwise the number if the parameter is missing
     * @return the number
     * @throws ProblemException when the text is not a whole number in this range
     */
    public int number(String name, int max, int otherwise) {
        Integer number = parsed(
                name,
                value -> {
                    if (!NUMBER_FORM.matcher(value).matches()
                            || Integer.parseInt(value) < 1
                            || Integer.parseInt(value) > max) {
                        throw new IllegalArgumentException(value);
                    }
                    return Integer.valueOf(value);
                },
                "must be a whole number from 1 to " + max);
        return number == null ? otherwise : number;
    }

    /**
     * A place in a list.
     *
     * @return the place; null if the parameter is missing
     * @throws ProblemException when the text is not a place that this API has given
     */
    public CallPosition cursor() {
        return parsed(CURSOR, Cursor::position, "is not one that this API gave as next_cursor");
    }

    <T> T parsed(String name, Function<String, T> parser, String rule) {
        String value = text(name);
        try {
            return value == null ? null : parser.apply(value);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw invalid(name + " " + rule);
        }
    }

    static ProblemException invalid(String detail) {
        return new ProblemException(ProblemKind.VALIDATION_ERROR, detail);
    }
}
