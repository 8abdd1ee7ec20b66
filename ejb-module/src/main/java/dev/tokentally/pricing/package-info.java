/** Prices: the price list, and the repricing of calls that were recorded before the list had a price for them. */
package dev.tokentally.pricing;
