/** A customer's EJB module for the benchmarks: models that answer after a while and measure how long they waited. */
package dev.tokentally.it.customer.pace;
