package dev.tokentally.web.completion;

import dev.tokentally.scope.CallAttributes;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The attributes that a request gives in its headers. Their names are in upper and lower case as the client likes. */
final class AttributeHeaders {

    private static final String PREFIX = "X-Tokentally-";
    private static final String TAG = (PREFIX + "Tag-").toLowerCase(Locale.ROOT);

    private AttributeHeaders() {}

    /** What is null is not given; nothing is checked yet. */
    static CallAttributes of(HttpServletRequest request, Set<String> tagKeys) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            if (name.toLowerCase(Locale.ROOT).startsWith(TAG)) {
                tags.put(key(name.substring(TAG.length()), tagKeys), request.getHeader(name));
            }
        }
        return new CallAttributes(
                request.getHeader(PREFIX + "User"),
                request.getHeader(PREFIX + "Session"),
                request.getHeader(PREFIX + "Environment"),
                tags.isEmpty() ? null : tags);
    }

    /** As the list has it. */
    private static String key(String asSent, Set<String> tagKeys) {
        return tagKeys.stream().filter(asSent::equalsIgnoreCase).findFirst().orElse(asSent);
    }
}
