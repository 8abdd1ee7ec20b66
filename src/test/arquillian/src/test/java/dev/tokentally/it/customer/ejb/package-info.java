/** The customer's EJB module, whose beans.xml lists the decorator. */
package dev.tokentally.it.customer.ejb;
