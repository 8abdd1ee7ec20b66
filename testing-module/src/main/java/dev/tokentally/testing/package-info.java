/** Call scopes and records in memory, for an application's unit tests without a server. */
package dev.tokentally.testing;
