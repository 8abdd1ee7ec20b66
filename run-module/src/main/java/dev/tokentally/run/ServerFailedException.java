package dev.tokentally.run;

/** The server did not start or did not stay; the reason is in its log, so no stack trace. */
final class ServerFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ServerFailedException(String message) {
        super(message, null, false, false);
    }
}
