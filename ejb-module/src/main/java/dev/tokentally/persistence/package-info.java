/** The store. No other package knows SQL, the dialects of databases or the exceptions of a lost connection. */
package dev.tokentally.persistence;
