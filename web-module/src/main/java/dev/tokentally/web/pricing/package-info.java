/** {@code /prices/quotes}: what a usage costs. {@code /prices/repricings}: gives recorded calls the cost of today's price list. */
package dev.tokentally.web.pricing;
