package dev.tokentally.recording.spool;

import dev.tokentally.usage.CallRecord;
import java.time.Instant;

/**
 * A record that the store refused while it took others.
 *
 * @param call what it refused
 * @param rejectedAt when the store refused it first
 * @param tries how often it was tried since then
 * @param nextTry when it is tried again; null when it is tried only on demand
 * @param until until when it is tried again by itself
 * @param reason what the store said last, in one line
 */
public record Rejected(CallRecord call, Instant rejectedAt, int tries, Instant nextTry, Instant until, String reason) {}
