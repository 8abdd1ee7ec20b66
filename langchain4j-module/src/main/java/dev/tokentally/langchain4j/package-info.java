/** LangChain4j: what an application asks models for through it is recorded, and {@code LlmPort} can ask them. */
package dev.tokentally.langchain4j;
