/** Stubs of providers with protocols of their own, each with a given usage object. */
package dev.tokentally.langchain4j.providers;
