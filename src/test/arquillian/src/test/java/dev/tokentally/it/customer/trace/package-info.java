/** A customer's code that traces with the server's OpenTelemetry. */
package dev.tokentally.it.customer.trace;
