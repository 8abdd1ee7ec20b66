package dev.tokentally.web.page;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * A file of the page.
 *
 * @param type its media type
 * @param tag an entity tag made from its content. Servers use the date, but our builds are reproducible, so every file of every
 *     version has the same date
 * @param content its bytes; not to be changed
 */
record PageFile(String type, String tag, byte[] content) {

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html;charset=UTF-8",
            "css", "text/css;charset=UTF-8",
            "js", "text/javascript;charset=UTF-8",
            "svg", "image/svg+xml");

    /** The media type of a file of the page; empty for any other file. */
    static Optional<String> typeOf(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? Optional.empty() : Optional.ofNullable(TYPES.get(path.substring(dot + 1)));
    }

    static PageFile of(String type, byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return new PageFile(
                    type, '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(digest) + '"', content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Whether a client has this very file.
     *
     * @param ifNoneMatch the request's header; may be null
     */
    boolean isKnownTo(String ifNoneMatch) {
        // W/"…" counts as the same, since a proxy that compresses may have weakened the tag.
        return ifNoneMatch != null && (ifNoneMatch.strip().equals("*") || ifNoneMatch.contains(tag));
    }
}
