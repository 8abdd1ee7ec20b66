/** A customer with a persistence unit of its own, under the name that ours has too. */
package dev.tokentally.it.customer.unit;
