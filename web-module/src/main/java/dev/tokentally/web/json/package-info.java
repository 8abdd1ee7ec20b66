/** Writes JSON for the API. */
package dev.tokentally.web.json;
