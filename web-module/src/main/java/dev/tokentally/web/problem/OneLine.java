package dev.tokentally.web.problem;

/** Makes text from outside safe to quote: it can neither end a line nor fill the log. */
public final class OneLine {

    private static final int MAX_LENGTH = 200;

    private OneLine() {}

    /**
     * The text, or as much of it as fits.
     *
     * @param text from outside; not null
     * @return at most 200 characters and an ellipsis, with a space for what is no visible character
     */
    public static String of(String text) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), MAX_LENGTH) + 1);
        text.codePoints()
                .limit(MAX_LENGTH)
                .forEach(codePoint -> line.appendCodePoint(isVisible(codePoint) ? codePoint : ' '));
        if (text.codePointCount(0, text.length()) > MAX_LENGTH) {
            line.append('…');
        }
        return line.toString();
    }

    private static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
