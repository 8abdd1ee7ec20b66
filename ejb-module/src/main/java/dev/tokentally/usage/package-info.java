/** The domain: what is known of a call attempt, and the ports through which it is written and read. */
package dev.tokentally.usage;
