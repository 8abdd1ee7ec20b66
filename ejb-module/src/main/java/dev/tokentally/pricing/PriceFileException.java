package dev.tokentally.pricing;

/** A file of prices cannot be used. The message says in one line where and why. */
final class PriceFileException extends Exception {

    private static final long serialVersionUID = 1L;

    PriceFileException(String message) {
        super(message);
    }
}
