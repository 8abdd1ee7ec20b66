package dev.tokentally.text;

/** Makes text from outside safe to quote in a message: it can neither end a line nor fill the log. */
public final class OneLine {

    private static final int MAX_LENGTH = 200;

    private OneLine() {}

    /**
     * The text, cut to 200 characters.
     *
     * @param text from outside; not null
     * @return at most 200 characters, with an ellipsis if the text was longer; each invisible character is a space
     */
    public static String of(String text) {
        return of(text, MAX_LENGTH);
    }

    /**
     * The text, cut to a length.
     *
     * @param text from outside; not null
     * @param maxLength in code points
     * @return at most so many characters, with an ellipsis if the text was longer; each invisible character is a space
     */
    public static String of(String text, int maxLength) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), maxLength) + 1);
        text.codePoints()
                .limit(maxLength)
                .forEach(codePoint -> line.appendCodePoint(CodePoint.isVisible(codePoint) ? codePoint : ' '));
        if (text.codePointCount(0, text.length()) > maxLength) {
            line.append('…');
        }
        return line.toString();
    }
}
