/** Prices: the price list, and the repricing of calls that were recorded before the list had their price. */
package dev.tokentally.pricing;
