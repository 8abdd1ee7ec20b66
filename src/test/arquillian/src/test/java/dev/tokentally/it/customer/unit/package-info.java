/** A customer whose own persistence unit has the same name as ours. */
package dev.tokentally.it.customer.unit;
