package dev.tokentally.recording.spool;

import java.io.IOException;

/** The spool has as many bytes as it may have. */
public class SpoolFullException extends IOException {

    private static final long serialVersionUID = 1L;

    SpoolFullException(String message) {
        super(message);
    }
}
