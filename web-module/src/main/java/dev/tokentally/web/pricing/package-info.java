/** {@code /prices/repricings}: recorded calls get the cost of today's price list. */
package dev.tokentally.web.pricing;
