package dev.tokentally.usage;

/**
 * Finds a tag in the text of a JSON object whose values are all strings and that has no blanks between its parts. The
 * search includes the quotation marks around the key and the colon after it. Another tag's value cannot contain that
 * text, since a quotation mark within a value has a backslash before it.
 */
public final class TagText {

    private TagText() {}

    /**
     * The text that every tag with this key begins with.
     *
     * @param key the key; without characters that JSON escapes
     * @return a part of the text
     */
    public static String start(String key) {
        return '"' + key + "\":";
    }

    /**
     * The text of a tag with this key and this value.
     *
     * @param key the key; without characters that JSON escapes
     * @param value the value; without control characters
     * @return a part of the text
     */
    public static String of(String key, String value) {
        return start(key) + '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** The value of the tag; null if there is no such tag. */
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
