/** API keys: what is configured, what a request brings, and the filter between the two. */
package dev.tokentally.web.key;
