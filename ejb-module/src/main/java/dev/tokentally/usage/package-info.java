/** The domain: the record of a call attempt, and the ports for writing and reading records. */
package dev.tokentally.usage;
