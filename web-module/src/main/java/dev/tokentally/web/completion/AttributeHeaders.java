package dev.tokentally.web.completion;

import dev.tokentally.scope.CallAttributes;
import dev.tokentally.text.Summary;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The attributes in the headers of a request. The names of the headers may be in upper or lower case. If a header is there twice,
 * it is left out, with a WARNING, since it is not known which of its values is meant.
 */
final class AttributeHeaders {

    private static final String PREFIX = "X-Tokentally-";
    private static final String TAG = (PREFIX + "Tag-").toLowerCase(Locale.ROOT);

    private final HttpServletRequest request;
    private final Summary leftOut;

    private AttributeHeaders(HttpServletRequest request, Summary leftOut) {
        this.request = request;
        this.leftOut = leftOut;
    }

    /** Reads the headers. An attribute is null if its header is missing. The values are checked later. */
    static CallAttributes of(HttpServletRequest request, Set<String> tagKeys, Summary leftOut) {
        return new AttributeHeaders(request, leftOut).attributes(tagKeys);
    }

    private CallAttributes attributes(Set<String> tagKeys) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            if (name.toLowerCase(Locale.ROOT).startsWith(TAG)) {
                String value = value("tag", name);
                if (value != null) {
                    tags.put(key(name.substring(TAG.length()), tagKeys), value);
                }
            }
        }
        return new CallAttributes(
                value("user", PREFIX + "User"),
                value("session", PREFIX + "Session"),
                value("environment", PREFIX + "Environment"),
                tags.isEmpty() ? null : tags);
    }

    private String value(String field, String name) {
        List<String> all = Collections.list(request.getHeaders(name));
        if (all.size() > 1) {
            leftOut.add("A header of a request is left out, and its call is recorded without the " + field
                    + ", as there are " + all.size() + " of them");
            return null;
        }
        return all.isEmpty() ? null : text(all.get(0));
    }

    /**
     * Servers read the bytes of a header as ISO-8859-1, and clients send UTF-8. A header that is no UTF-8 stays as the server read
     * it.
     */
    private static String text(String asRead) {
        if (asRead.chars().allMatch(sign -> sign < 128) || asRead.chars().anyMatch(sign -> sign > 255)) {
            return asRead;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(asRead.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return asRead;
        }
    }

    /** The key of a tag, in the spelling of the list of allowed keys. */
    private static String key(String asSent, Set<String> tagKeys) {
        return tagKeys.stream().filter(asSent::equalsIgnoreCase).findFirst().orElse(asSent);
    }
}
