/** A bean archive of the customer that does not list the decorator. */
package dev.tokentally.it.customer.plain;
