/**
 * Makes text from outside fit for a log line, a message or a column. It also has the logger that never throws, and lines that are
 * summarised.
 */
package dev.tokentally.text;
