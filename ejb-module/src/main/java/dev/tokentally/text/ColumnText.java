package dev.tokentally.text;

/** Makes text from outside fit a column, losing as little of it as possible. */
public final class ColumnText {

    private static final char REPLACEMENT = '\uFFFD';

    private ColumnText() {}

    /**
     * NUL, which PostgreSQL refuses, and halves of characters are replaced; a cut never makes a half.
     *
     * @param text from outside; not null
     * @param maxLength of the column, as {@link String#length()} counts
     * @return what the column takes
     */
    public static String fit(String text, int maxLength) {
        return fits(text, maxLength) ? text : cut(text, maxLength);
    }

    /**
     * The same for what is compared with another system's list: what would break a line there is replaced too.
     *
     * @param id from outside; not null
     * @param maxLength of the column, as {@link String#length()} counts
     * @return what the column takes
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
