/** {@code GET /usage/…}: the recorded calls and their sums. */
package dev.tokentally.web.usage;
