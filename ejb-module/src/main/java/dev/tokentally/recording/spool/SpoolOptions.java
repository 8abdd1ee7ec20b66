package dev.tokentally.recording.spool;

import java.nio.file.Path;

/**
 * Where and how records are spooled.
 *
 * @param directory of the application; each of its deployments has a directory of its own below
 * @param maxBytes how large the files of a deployment may become together
 * @param survivesPowerCut whether a record is on the disk, and not just with the operating system, when its append returns
 */
public record SpoolOptions(Path directory, long maxBytes, boolean survivesPowerCut) {}
