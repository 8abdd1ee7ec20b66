package dev.tokentally.text;

/** What a Unicode code point does to the text that holds it. */
public final class CodePoint {

    private CodePoint() {}

    /**
     * Whether it is a control character or ends a line. Unicode's line and paragraph separators are not control
     * characters, but many log viewers end a line at them.
     *
     * @param codePoint any
     * @return true for a control character, a line separator and a paragraph separator
     */
    public static boolean breaksALine(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    /**
     * Whether it is half of a character, which cannot be written as UTF-8.
     *
     * @param codePoint any
     * @return whether it is a surrogate that stands alone
     */
    public static boolean isHalf(int codePoint) {
        return Character.getType(codePoint) == Character.SURROGATE;
    }

    /**
     * Whether it is a visible character. Characters that change the direction of writing are not visible; they could
     * forge the content of a line.
     */
    static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.FORMAT, Character.UNASSIGNED -> false;
            default -> !breaksALine(codePoint) && !isHalf(codePoint);
        };
    }
}
