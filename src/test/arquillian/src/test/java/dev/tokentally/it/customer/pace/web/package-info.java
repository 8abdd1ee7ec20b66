/** The requests of the benchmarks to that customer's application over HTTP. */
package dev.tokentally.it.customer.pace.web;
