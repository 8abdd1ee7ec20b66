/** A customer's WAR that has AI services of LangChain4j and does not use Tokentally's port. */
package dev.tokentally.it.customer.chat;
