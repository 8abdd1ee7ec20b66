/** The store: the only room that knows SQL, its dialects and how a lost connection looks. */
package dev.tokentally.persistence;
