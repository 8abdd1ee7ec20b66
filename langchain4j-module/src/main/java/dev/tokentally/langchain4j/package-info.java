/** LangChain4j: records the calls that an application makes through it, and lets an {@code LlmPort} ask its models. */
package dev.tokentally.langchain4j;
