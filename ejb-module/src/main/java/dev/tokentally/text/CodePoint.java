package dev.tokentally.text;

/** What a Unicode code point does to the text that holds it. */
public final class CodePoint {

    private CodePoint() {}

    /**
     * Unicode's own line and paragraph separators are no control characters, but end a line in many a log viewer.
     *
     * @param codePoint any
     * @return whether it is a control character or ends a line
     */
    public static boolean breaksALine(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    /**
     * Half a character cannot be written as UTF-8.
     *
     * @param codePoint any
     * @return whether it is a surrogate that stands alone
     */
    public static boolean isHalf(int codePoint) {
        return Character.getType(codePoint) == Character.SURROGATE;
    }

    /** Characters that turn the direction of writing are invisible, too, and could forge what a line says. */
    static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.FORMAT, Character.UNASSIGNED -> false;
            default -> !breaksALine(codePoint) && !isHalf(codePoint);
        };
    }
}
