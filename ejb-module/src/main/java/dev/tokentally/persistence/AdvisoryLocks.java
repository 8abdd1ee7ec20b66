package dev.tokentally.persistence;

/**
 * The advisory locks of PostgreSQL that the module takes. Each is eight letters in ASCII, so that nobody else is likely to use it.
 *
 * <p>Who takes several takes them in this order. All but the last one are only tried, so nobody waits for them while holding
 * another.
 */
final class AdvisoryLocks {

    /** "tokental": one node at a time runs the scripts at its start. It belongs to a transaction, which holds nothing else. */
    static final long MIGRATION = 0x746f_6b65_6e74_616cL;

    /**
     * "tokenlng": one node at a time takes a long step, makes or detaches a partition, or says since when calls are kept. A long step
     * holds it for its session, since in a transaction it would block steps that wait for old transactions to end.
     */
    static final long LONG_STEPS = 0x746f_6b65_6e6c_6e67L;

    /** "tokenrol": one node at a time makes rollups. Nobody says meanwhile since when calls are kept. */
    static final long ROLLUPS = 0x746f_6b65_6e72_6f6cL;

    /**
     * "tokenkep": a transaction that changes calls of the past shares it, in the trigger of 5_rollups.sql. A transaction that says
     * since when calls are kept takes it alone, after its locks on the tables.
     */
    static final long KEPT_FROM = 0x746f_6b65_6e6b_6570L;

    private AdvisoryLocks() {}
}
