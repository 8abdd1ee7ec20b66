package dev.tokentally.recording;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A user's name as it may be in a message of a database: as it is, quoted for SQL or JSON, or cut off. PostgreSQL shows 64 bytes of
 * each value of a row that it refuses.
 */
final class NamedUser {

    static final String INSTEAD = "(the user)";

    /** A name that was cut off has at least this many characters left. A shorter part does not tell who it is. */
    private static final int LEAST_LEFT = 12;

    /** Each time that the text is quoted, each of these characters may be doubled or get another one before it. */
    private static final String QUOTING = "'\"\\";

    private static final String ESCAPED = "\\\\+[u+]?[0-9A-Fa-f]{4,6}";

    private final Pattern pattern;

    NamedUser(String user) {
        List<String> parts = parts(user);
        int whole = Math.min(LEAST_LEFT, parts.size());
        List<String> rest = parts.subList(whole, parts.size());
        String shown = String.join("", parts.subList(0, whole)) + "(?:" + String.join("(?:", rest)
                + ")?".repeat(Math.max(1, rest.size()));
        // Some languages whose letters are not in ASCII have no space between words.
        boolean isAscii = user.chars().allMatch(sign -> sign < 128);
        pattern = Pattern.compile(isAscii ? "(?<![\\p{L}\\p{N}])" + shown + "(?![\\p{L}\\p{N}])" : shown);
    }

    private static List<String> parts(String user) {
        List<String> parts = new ArrayList<>();
        boolean isQuoting = false;
        for (int sign : user.codePoints().toArray()) {
            if (QUOTING.indexOf(sign) < 0) {
                String itself = Pattern.quote(Character.toString(sign));
                parts.add(sign < 128 ? itself : "(?:" + itself + "|(?:" + ESCAPED + "){1,2})");
            } else if (!isQuoting) {
                parts.add("['\"\\\\]+");
            }
            isQuoting = QUOTING.indexOf(sign) >= 0;
        }
        return parts;
    }

    /** The text without the name. */
    String takenOutOf(String text) {
        return pattern.matcher(text).replaceAll(Matcher.quoteReplacement(INSTEAD));
    }
}
