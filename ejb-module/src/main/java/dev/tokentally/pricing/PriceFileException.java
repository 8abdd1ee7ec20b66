package dev.tokentally.pricing;

/** A file of prices that cannot be used; the message says where and why, in one line. */
final class PriceFileException extends Exception {

    private static final long serialVersionUID = 1L;

    PriceFileException(String message) {
        super(message);
    }
}
