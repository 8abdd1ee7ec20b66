/** The store. No other room knows SQL, the dialects of databases or the exceptions of a lost connection. */
package dev.tokentally.persistence;
