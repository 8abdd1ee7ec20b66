/** {@code GET /recording}: the state of recording. {@code /recording/rejected}: the records that the store refuses. */
package dev.tokentally.web.recording;
