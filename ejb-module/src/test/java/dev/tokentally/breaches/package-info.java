/** Code that breaks the house rules, so that tests see each rule fail. */
package dev.tokentally.breaches;
