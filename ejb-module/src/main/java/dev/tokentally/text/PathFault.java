package dev.tokentally.text;

import java.nio.file.InvalidPathException;

/** Why a text cannot be the path of a file or directory. */
public final class PathFault {

    /** What Java says on Linux and macOS. */
    private static final String UNMAPPABLE = "unmappable characters";

    private PathFault() {}

    /**
     * The reason, with the remedy if the path is right and the server's locale is not.
     *
     * @param fault what {@code Path.of} threw; not null
     * @return a text without the path
     */
    public static String of(InvalidPathException fault) {
        return fault.getReason().contains(UNMAPPABLE)
                ? "the server's locale lacks a character of it, so start the server with LANG=C.UTF-8 in its environment"
                : fault.getReason();
    }
}
