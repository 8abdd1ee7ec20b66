/** {@code GET /usage/…}: what was recorded. */
package dev.tokentally.web.usage;
