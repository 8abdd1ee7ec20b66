package dev.tokentally.text;

/** Makes text from outside fit a column and keeps as much of it as possible. */
public final class ColumnText {

    private static final char REPLACEMENT = '\uFFFD';

    private ColumnText() {}

    /**
     * Shortens the text to the column's length, never within a character. Replaces halves of characters, and NUL, which
     * PostgreSQL refuses.
     *
     * @param text from outside; not null
     * @param maxLength the column's length, as {@link String#length()} counts
     * @return the text for the column
     */
    public static String fit(String text, int maxLength) {
        return fits(text, maxLength) ? text : cut(text, maxLength);
    }

    /**
     * The same for an id, which people compare with another system's list: characters that would end a line there are
     * replaced too.
     *
     * @param id from outside; not null
     * @param maxLength the column's length, as {@link String#length()} counts
     * @return the text for the column
     */
    public static String fitId(String id, int maxLength) {
        StringBuilder fit = new StringBuilder(fit(id, maxLength));
        for (int i = 0; i < fit.length(); i++) {
            if (CodePoint.breaksALine(fit.charAt(i))) {
                fit.setCharAt(i, REPLACEMENT);
            }
        }
        return fit.toString();
    }

    private static boolean fits(String text, int maxLength) {
        boolean fits = text.length() <= maxLength;
        for (int i = 0; fits && i < text.length(); i++) {
            fits = text.charAt(i) != 0 && !Character.isSurrogate(text.charAt(i));
        }
        return fits;
    }

    private static String cut(String text, int maxLength) {
        StringBuilder fitting = new StringBuilder(Math.min(text.length(), maxLength));
        for (int i = 0; i < text.length(); ) {
            int codePoint = text.codePointAt(i);
            i += Character.charCount(codePoint);
            if (codePoint == 0 || CodePoint.isHalf(codePoint)) {
                codePoint = REPLACEMENT;
            }
            if (fitting.length() + Character.charCount(codePoint) > maxLength) {
                break;
            }
            fitting.appendCodePoint(codePoint);
        }
        return fitting.toString();
    }
}
