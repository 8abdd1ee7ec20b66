/**
 * The local file in which records wait for the store, and which outlives the process.
 *
 * <p>Three locks guard it: the lock of {@code Spool} guards the segments, their queue and the position, the monitor of
 * {@code RejectedRecords} guards the refused records and their file, and {@code forcing} of {@code GroupCommit} guards who forces and
 * who waits for it. A thread that needs the first two takes the lock of {@code Spool} first, as when it closes the spool, and nobody
 * takes them in the other order or holds two monitors of {@code RejectedRecords}. The monitor of a {@code SegmentFile} separates a force of it from its
 * end; whoever has it takes no other lock. A thread that holds {@code forcing} takes no other lock,
 * and one that holds another lock never takes {@code forcing}; so what both sides need is volatile.
 */
package dev.tokentally.recording.spool;
