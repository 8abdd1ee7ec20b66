/** What a call costs: the price list, and what it makes of calls that were recorded before it knew their price. */
package dev.tokentally.pricing;
