/** For an application's own unit tests: call scopes and records in memory, without a server. */
package dev.tokentally.testing;
