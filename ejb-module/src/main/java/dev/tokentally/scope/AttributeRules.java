package dev.tokentally.scope;

import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
import dev.tokentally.config.UserHash;
import dev.tokentally.config.UserNames;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Decides which attributes a scope may have, and how they are recorded. Safe for use by many threads. */
@ApplicationScoped
class AttributeRules {

    /** As wide as {@code user_id}. */
    private static final int USER_LENGTH = 255;

    /** As wide as {@code session_id}. */
    private static final int SESSION_LENGTH = 255;

    /** As wide as the column of the same name in {@code llm_calls}. */
    private static final int ENVIRONMENT_LENGTH = 64;

    /** How many tags a scope may have. So many of the longest values fit the column, whatever is in them. */
    private static final int MOST_TAGS = 8;

    private static final int TAG_LENGTH = 255;

    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final Set<String> tagKeys;
    private final UserNames userNames;
    private final UserHash userHash;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected AttributeRules() {
        this.tagKeys = Set.of();
        this.userNames = UserNames.OFF;
        this.userHash = null;
    }

    @Inject
    AttributeRules(Settings settings) {
        this.tagKeys = settings.tagKeys();
        this.userNames = settings.userNames();
        this.userHash = settings.userHash().orElse(null);
    }

    /**
     * The attributes of a scope inside another scope.
     *
     * @param refuse is given the fault of a value, and may throw it; if it does not, the value is left out
     */
    Attributes within(Attributes outer, CallAttributes given, Consumer<IllegalArgumentException> refuse) {
        CallAttributes right = right(outer, given, refuse);
        return new Attributes(
                right.user() == null ? outer.user() : recorded(right.user()),
                right.session() == null ? outer.session() : right.session(),
                right.environment() == null ? outer.environment() : right.environment(),
                right.tags() == null ? outer.tags() : Collections.unmodifiableSortedMap(merged(outer, right.tags())));
    }

    /** The part of the attributes that a scope inside another may have. */
    CallAttributes right(Attributes outer, CallAttributes given, Consumer<IllegalArgumentException> refuse) {
        return new CallAttributes(
                text("user", given.user(), USER_LENGTH, refuse),
                text("session", given.session(), SESSION_LENGTH, refuse),
                text("environment", given.environment(), ENVIRONMENT_LENGTH, refuse),
                given.tags() == null ? null : tags(outer, given.tags(), refuse));
    }

    private String recorded(String user) {
        return switch (userNames) {
            case OFF -> null;
            case HASHED -> userHash.of(user);
            case PLAIN -> user;
        };
    }

    private Map<String, String> tags(
            Attributes outer, Map<String, String> given, Consumer<IllegalArgumentException> refuse) {
        Map<String, String> right = new LinkedHashMap<>();
        given.forEach((key, value) -> {
            try {
                checkTag(key, value, outer, right);
                right.put(key, value);
            } catch (IllegalArgumentException wrong) {
                refuse.accept(wrong);
            }
        });
        return right;
    }

    private void checkTag(String key, String value, Attributes outer, Map<String, String> before) {
        if (key == null || !tagKeys.contains(key)) {
            throw new IllegalArgumentException("tags has " + shown(key) + ", which is not in " + Setting.TAGS.key()
                    + "; allowed are " + (tagKeys.isEmpty() ? "none" : tagKeys));
        }
        ScopeText.check("tags." + key, value, TAG_LENGTH);
        if (!outer.tags().containsKey(key) && merged(outer, before).size() == MOST_TAGS) {
            throw new IllegalArgumentException("tags has too many keys with " + key + ": at most " + MOST_TAGS
                    + " are allowed, including those of the outer scope");
        }
    }

    /** A key from outside may hold anything. */
    private static String shown(String key) {
        return key != null && HARMLESS.matcher(key).matches() ? "the key " + key : "a key";
    }

    private static SortedMap<String, String> merged(Attributes outer, Map<String, String> tags) {
        SortedMap<String, String> merged = new TreeMap<>(outer.tags());
        merged.putAll(tags);
        return merged;
    }

    private static String text(String field, String value, int maxLength, Consumer<IllegalArgumentException> refuse) {
        if (value == null) {
            return null;
        }
        try {
            ScopeText.check(field, value, maxLength);
            return value;
        } catch (IllegalArgumentException wrong) {
            refuse.accept(wrong);
            return null;
        }
    }
}
