/**
 * Brings records to the store, without the caller noticing. {@link dev.tokentally.recording.RecordingStatus} is how recording goes
 * in this application on this node, and {@link dev.tokentally.recording.RecordingOverview} adds the store and all nodes.
 */
package dev.tokentally.recording;
