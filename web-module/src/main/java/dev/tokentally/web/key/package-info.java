/** API keys: the configured ones, those in requests, and the filter that compares them. */
package dev.tokentally.web.key;
