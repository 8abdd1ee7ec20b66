package dev.tokentally.run;

/** The server did not start, or it ended. The reason is in its log, so the message is shown without a stack trace. */
final class ServerFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ServerFailedException(String message) {
        super(message, null, false, false);
    }
}
