/** The port to a language model: applications implement {@link dev.tokentally.llm.LlmPort} and call it. */
package dev.tokentally.llm;
