/** Makes text from outside fit for a log line, a message or a column, and has the logger that never throws and the lines that are summarised. */
package dev.tokentally.text;
