package dev.tokentally.run;

/** Something that the person who started the run has to put right; the message says what and how, so no stack trace. */
final class InvalidOptionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidOptionException(String message) {
        super(message, null, false, false);
    }
}
