package dev.tokentally.recording.spool;

import java.io.IOException;

/** The spool was closed, as the application stops. */
public class SpoolClosedException extends IOException {

    private static final long serialVersionUID = 1L;

    SpoolClosedException() {
        super("the spool is closed");
    }
}
