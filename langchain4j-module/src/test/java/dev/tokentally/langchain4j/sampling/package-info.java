/** Shows tests what threads do. */
package dev.tokentally.langchain4j.sampling;
