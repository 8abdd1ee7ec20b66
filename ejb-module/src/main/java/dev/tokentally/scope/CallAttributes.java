package dev.tokentally.scope;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a call scope says about its calls beside tenant and operation. A null value is inherited from the scope around it. A tag is
 * inherited if its key is not given here.
 *
 * <pre>{@code
 * try (CallScope.Handle scope = callScope.enter(
 *         "acme", "summarise", new CallAttributes("ann", "talk-17", "production", Map.of("team", "support")))) {
 *     llm.complete(request);
 * }
 * }</pre>
 *
 * <p>Any value is accepted here. It is checked when the scope is entered: it must not be blank or too long, must have no control
 * character, and must be valid Unicode.
 *
 * @param user the tenant's user, at most 255 characters. {@code tokentally.user} decides how it is recorded
 * @param session the session, such as a conversation, at most 255 characters
 * @param environment the installation, such as {@code production}, at most 64 characters
 * @param tags the application's own values by their keys: at most 8 in a scope with those that it inherits, each key one that {@code
 *     tokentally.tags} lists, each value of at most 255 characters
 */
public record CallAttributes(String user, String session, String environment, Map<String, String> tags) {

    /** Takes a copy of the tags. */
    public CallAttributes {
        tags = tags == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(tags));
    }
}
