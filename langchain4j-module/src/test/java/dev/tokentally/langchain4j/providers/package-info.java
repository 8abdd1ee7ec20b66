/** Providers that answer in their own protocols, each with a given usage object. */
package dev.tokentally.langchain4j.providers;
