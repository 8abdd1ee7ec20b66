package dev.tokentally.web.key;

import java.util.List;

/**
 * The content of the {@code Authorization} headers of a request.
 *
 * @param key what was presented as a key; null when there is a fault
 * @param fault why there is no key, for the log, without any text of the header; null when there is a key
 */
record BearerHeader(String key, String fault) {

    private static final String SCHEME = "Bearer";

    private static final int MAX_LENGTH = 1024;

    private static final String MISSING = "there is no Authorization header";

    static BearerHeader of(List<String> headers) {
        if (headers.isEmpty()) {
            return fault(MISSING);
        }
        if (headers.size() > 1) {
            return fault("there are " + headers.size() + " Authorization headers");
        }
        String header = headers.get(0);
        if (header.length() > MAX_LENGTH) {
            return fault("the Authorization header is longer than " + MAX_LENGTH + " characters");
        }
        int space = header.indexOf(' ');
        if (space < 0 || !header.substring(0, space).equalsIgnoreCase(SCHEME)) {
            return fault("the Authorization header is not of the form Bearer KEY");
        }
        String key = header.substring(space).strip();
        if (key.isEmpty() || !key.chars().allMatch(BearerHeader::isVisibleAscii)) {
            return fault("the Authorization header has no key, or one with blanks or characters outside ASCII");
        }
        return new BearerHeader(key, null);
    }

    /** Whether nothing was presented, not even something wrong. */
    boolean isMissing() {
        return MISSING.equals(fault);
    }

    private static BearerHeader fault(String fault) {
        return new BearerHeader(null, fault);
    }

    private static boolean isVisibleAscii(int character) {
        return character > 0x20 && character < 0x7F;
    }
}
