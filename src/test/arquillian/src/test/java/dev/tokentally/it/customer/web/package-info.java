/** The customer's WAR, whose beans.xml lists the decorator. */
package dev.tokentally.it.customer.web;
