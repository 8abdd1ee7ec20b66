/** What a call costs. */
package dev.tokentally.pricing;
