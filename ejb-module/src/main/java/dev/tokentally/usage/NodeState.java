package dev.tokentally.usage;

import java.time.Instant;
import java.util.UUID;

/**
 * How recording goes in one application on one node, as reported by itself.
 *
 * @param id the id of the application on the node; the same after a restart
 * @param application the application's name
 * @param node the node's name
 * @param mode when a record is written to the store
 * @param circuit whether calls write to the store
 * @param waiting how many records wait in the spool
 * @param oldest when the call of the oldest of them started; null when none waits
 * @param rejected how many records are set aside because the store refused them
 * @param dropped how many records were lost since the start
 * @param withoutScope how many calls since the start were made outside a call scope
 * @param stopped whether it has stopped in order
 */
public record NodeState(
        UUID id,
        String application,
        String node,
        String mode,
        String circuit,
        long waiting,
        Instant oldest,
        long rejected,
        long dropped,
        long withoutScope,
        boolean stopped) {}
