/** A provider for tests that speaks OpenAI's protocol over HTTP. */
package dev.tokentally.langchain4j.openai;
