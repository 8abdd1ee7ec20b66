/** The same model in an archive that does not list the decorator. */
package dev.tokentally.it.customer.pace.plain;
