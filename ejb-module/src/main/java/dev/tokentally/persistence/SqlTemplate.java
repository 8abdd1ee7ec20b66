package dev.tokentally.persistence;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement with placeholders such as {@code ${table}}, for what cannot be an argument. The values must not come from outside, unless
 * the database has quoted them.
 */
final class SqlTemplate {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(\\w+)}");

    private SqlTemplate() {}

    /**
     * Puts the values into the template. A placeholder in a value stays as it is, since a table may have such a name.
     *
     * @throws IllegalArgumentException if a placeholder has no value
     */
    static String fill(String template, Map<String, ?> values) {
        return PLACEHOLDER.matcher(template).replaceAll(found -> {
            Object value = values.get(found.group(1));
            if (value == null) {
                throw new IllegalArgumentException("no value for " + found.group());
            }
            return Matcher.quoteReplacement(value.toString());
        });
    }
}
