package dev.tokentally.usage;

/** A series would have more buckets than allowed. */
public class TooManyBucketsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * With the limit.
     *
     * @param max how many buckets are allowed
     */
    public TooManyBucketsException(int max) {
        super("more than " + max + " buckets");
    }
}
