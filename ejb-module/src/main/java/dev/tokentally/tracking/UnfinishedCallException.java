package dev.tokentally.tracking;

/** Its name in a record means that the module was not told how the call ended. It is never thrown. */
final class UnfinishedCallException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnfinishedCallException() {
        super(null, null, false, false);
    }
}
