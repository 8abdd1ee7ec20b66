package dev.langchain4j.model.embedding;

/** Stands for LangChain4j's types of this package, which this module knows by their names only. */
public interface Embeddings {}
