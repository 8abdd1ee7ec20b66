package dev.tokentally.usage;

/**
 * Finds a tag in the text of a JSON object that has only strings in it, and no blanks between its parts. A key that is found
 * with the quotation marks around it and the colon behind it is no part of another tag's value: a quotation mark within a
 * value has a backslash before it.
 */
public final class TagText {

    private TagText() {}

    /**
     * What the text has where there is a tag of the key.
     *
     * @param key the key; without signs that JSON escapes
     * @return a part of the text
     */
    public static String start(String key) {
        return '"' + key + "\":";
    }

    /**
     * What the text has where the tag has the value.
     *
     * @param key the key; without signs that JSON escapes
     * @param value the value; without control characters
     * @return a part of the text
     */
    public static String of(String key, String value) {
        return start(key) + '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** The tag's value; null when there is none. */
    static String value(String key, String text) {
        String start = start(key);
        int found = text == null ? -1 : text.indexOf(start);
        if (found < 0) {
            return null;
        }
        StringBuilder value = new StringBuilder();
        for (int i = found + start.length() + 1; i < text.length() && text.charAt(i) != '"'; i++) {
            if (text.charAt(i) == '\\') {
                i++;
            }
            value.append(text.charAt(i));
        }
        return value.toString();
    }
}
