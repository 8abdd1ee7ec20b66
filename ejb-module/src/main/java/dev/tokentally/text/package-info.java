/** Makes text from outside fit for a log line, a message or a column, and has the logger that never throws. */
package dev.tokentally.text;
