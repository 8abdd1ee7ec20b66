package dev.tokentally.tracking;

/** Makes text from outside fit a column, losing as little of it as possible. */
final class ColumnText {

    private static final char REPLACEMENT = '\uFFFD';

    private ColumnText() {}

    /** NUL, which PostgreSQL refuses, and halves of characters are replaced; a cut never makes a half. */
    static String fit(String text, int maxLength) {
        return fits(text, maxLength) ? text : cut(text, maxLength);
    }

    /** The same for what is compared with another system's list: what would break a line there is replaced too. */
    static String fitId(String id, int maxLength) {
        StringBuilder fit = new StringBuilder(fit(id, maxLength));
        for (int i = 0; i < fit.length(); i++) {
            if (breaksALine(fit.charAt(i))) {
                fit.setCharAt(i, REPLACEMENT);
            }
        }
        return fit.toString();
    }

    /** Also Unicode's own ends of lines and paragraphs, by which many a viewer ends a line. */
    private static boolean breaksALine(char sign) {
        return Character.isISOControl(sign) || sign == '\u2028' || sign == '\u2029';
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
            if (codePoint == 0 || Character.getType(codePoint) == Character.SURROGATE) {
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
