package dev.tokentally.web.page;

import dev.tokentally.web.http.ContentTag;
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
record PageFile(String type, ContentTag tag, byte[] content) {

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
        return new PageFile(type, ContentTag.of(content), content);
    }
}
