/** Brings records to the store, without the caller noticing. */
package dev.tokentally.recording;
