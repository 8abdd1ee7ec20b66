package dev.tokentally.run;

/** Something that the person who started the run has to put right; the message says what and how. */
public final class InvalidOptionException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    InvalidOptionException(String message) {
        super(message);
    }
}
