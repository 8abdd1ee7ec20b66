package dev.tokentally.it.customer.llm;

import dev.langchain4j.model.output.structured.Description;

/** The answer that the customer asks models for. */
public record City(
        String name, @Description("within the municipality") int inhabitants) {}
