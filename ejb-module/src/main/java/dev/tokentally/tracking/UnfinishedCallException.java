package dev.tokentally.tracking;

/** Says of a call, by its name in the record, that nobody told how it ended. Never thrown. */
final class UnfinishedCallException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnfinishedCallException() {
        super(null, null, false, false);
    }
}
