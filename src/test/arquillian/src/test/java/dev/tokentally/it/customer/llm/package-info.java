/** A customer's EJB module that asks LangChain4j's models through the port. */
package dev.tokentally.it.customer.llm;
