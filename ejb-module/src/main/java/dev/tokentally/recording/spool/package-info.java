/** The local file in which records wait for the store, and which outlives the process. */
package dev.tokentally.recording.spool;
