/** A small application of a customer's, which works with the module beside it and without. */
package dev.tokentally.it.customer.start;
