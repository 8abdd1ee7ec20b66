/** What the benchmarks ask of that customer's application over HTTP. */
package dev.tokentally.it.customer.pace.web;
