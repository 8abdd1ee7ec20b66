package dev.tokentally.recording.spool;

/**
 * How far records were taken out.
 *
 * @param segment the segment's number
 * @param offset where the first frame begins whose record was not taken out
 */
record Position(long segment, long offset) {

    /** Nothing is known. The module begins no segment with this number. */
    static final Position NONE = new Position(0, 0);
}
