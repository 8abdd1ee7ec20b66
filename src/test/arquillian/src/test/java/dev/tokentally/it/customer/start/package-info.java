/** A small application of a customer, which works with the module and without it. */
package dev.tokentally.it.customer.start;
