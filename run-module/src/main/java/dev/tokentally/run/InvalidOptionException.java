package dev.tokentally.run;

/**
 * The person who started the run has to correct something. The message says what and how, so it is shown without a
 * stack trace.
 */
final class InvalidOptionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidOptionException(String message) {
        super(message, null, false, false);
    }
}
