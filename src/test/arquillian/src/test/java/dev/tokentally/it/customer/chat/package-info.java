/** A customer's WAR that has AI services of LangChain4j and has never heard of Tokentally's port. */
package dev.tokentally.it.customer.chat;
