package dev.tokentally.scope;

import java.util.Collections;
import java.util.SortedMap;

/**
 * A scope's attributes as they are recorded; each is null if it is not known.
 *
 * @param user the name or its pseudonym, as {@code tokentally.user} says
 * @param tags not null
 * @param tagsText the tags as the text of a JSON object, made once for all calls of the scope; null if there are none
 */
record Attributes(String user, String session, String environment, SortedMap<String, String> tags, String tagsText) {

    static final Attributes NONE = new Attributes(null, null, null, Collections.emptySortedMap());

    Attributes(String user, String session, String environment, SortedMap<String, String> tags) {
        this(user, session, environment, tags, tags.isEmpty() ? null : json(tags));
    }

    /** None of them contains control characters. */
    private static String json(SortedMap<String, String> tags) {
        StringBuilder json = new StringBuilder();
        tags.forEach((key, value) -> {
            json.append(json.isEmpty() ? '{' : ',');
            quote(key, json);
            json.append(':');
            quote(value, json);
        });
        return json.append('}').toString();
    }

    private static void quote(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char sign = text.charAt(i);
            if (sign == '"' || sign == '\\') {
                json.append('\\');
            }
            json.append(sign);
        }
        json.append('"');
    }
}
