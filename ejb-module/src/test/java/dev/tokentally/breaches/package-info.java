/** What the house rules forbid, to see them fail. */
package dev.tokentally.breaches;
