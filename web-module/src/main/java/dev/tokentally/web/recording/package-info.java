/** {@code GET /recording}: what recording is doing. */
package dev.tokentally.web.recording;
