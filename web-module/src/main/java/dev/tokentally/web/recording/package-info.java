/** {@code GET /recording}: what recording is doing, and {@code /recording/rejected}: what the store refuses. */
package dev.tokentally.web.recording;
