package dev.tokentally.recording.spool;

import java.io.IOException;

/** A record is in the spool and is read from it, but the disk has not confirmed it. So it may not survive a power cut. */
public class SpoolUnforcedException extends IOException {

    private static final long serialVersionUID = 1L;

    SpoolUnforcedException(IOException cause) {
        super("a segment of the spool could not be forced to the disk", cause);
    }
}
