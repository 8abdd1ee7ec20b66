/** What a customer adds to an application whose transactions are also ended by somebody else. */
package dev.tokentally.it.customer.marking;
