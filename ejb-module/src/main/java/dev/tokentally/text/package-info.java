/** Makes text from outside fit for a log line, a message or a column. */
package dev.tokentally.text;
