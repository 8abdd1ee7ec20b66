/** Code that the house rules forbid, so that the tests see each rule fail. */
package dev.tokentally.breaches;
