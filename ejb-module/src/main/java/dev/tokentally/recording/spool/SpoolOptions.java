package dev.tokentally.recording.spool;

import java.nio.file.Path;

/**
 * Where and how records are spooled.
 *
 * @param directory of the application; each of its deployments has a directory of its own below
 * @param maxBytes how large the files of a deployment may become together
 * @param survivesPowerCut whether a record is on the disk, and not just with the operating system, when its append returns
 */
public record SpoolOptions(Path directory, long maxBytes, boolean survivesPowerCut) {

    /** The start reads the file of refused records as a whole, and an array of bytes has to fit into the heap. */
    private static final long MOST_REJECTED_BYTES = 128L << 20;

    /** How large the file of refused records may become. */
    long rejectedMaxBytes() {
        return Math.min(maxBytes / 10, MOST_REJECTED_BYTES);
    }
}
