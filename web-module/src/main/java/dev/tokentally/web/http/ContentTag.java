package dev.tokentally.web.http;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * An entity tag that is made from the content.
 *
 * @param text as it is in a header, with its quotes
 */
public record ContentTag(String text) {

    /**
     * The tag of a content.
     *
     * @param content what is sent
     * @return its tag; other contents have other tags
     */
    public static ContentTag of(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return new ContentTag('"' + Base64.getUrlEncoder().withoutPadding().encodeToString(digest) + '"');
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Whether a client has this very content. A malformed header means that it does not. The parsers of the servers would end the
     * request with an error of their own; Jersey's with 500.
     *
     * @param ifNoneMatch the request's header, all of its lines with commas between them; null if it has none
     * @return whether the header has the tag
     */
    public boolean isKnownTo(String ifNoneMatch) {
        // W/"…" counts as the same, since a proxy that compresses may have weakened the tag.
        return ifNoneMatch != null && (ifNoneMatch.strip().equals("*") || ifNoneMatch.contains(text));
    }
}
