/** JSON as the API writes it. */
package dev.tokentally.web.json;
