package dev.tokentally.health;

/**
 * The state of recording for the health check.
 *
 * @param application the application's name
 * @param node the node's name
 * @param storeUp whether the store takes records
 * @param waiting how many records wait to be written to it
 * @param oldestAgeSeconds how long ago the call of the record that is next in turn started; 0 when none waits
 * @param rejected how many records are set aside because the store refuses them
 * @param dropped how many records were lost since the start
 * @param withoutScope how many calls since the start were made outside a call scope and have no record
 * @param damaged how often waiting records were found damaged since the start
 */
public record RecordingReport(
        String application,
        String node,
        boolean storeUp,
        long waiting,
        long oldestAgeSeconds,
        long rejected,
        long dropped,
        long withoutScope,
        long damaged) {}
