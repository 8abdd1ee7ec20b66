/** A customer's EJB module for the benchmarks: models that answer after a while and know how long that was. */
package dev.tokentally.it.customer.pace;
