package dev.tokentally.langchain4j.openai;

/**
 * A request to the provider, in the provider's own log.
 *
 * @param model the model that was asked for
 * @param message the last message
 * @param streamed whether the answer was to be streamed
 * @param status the HTTP status of the answer
 */
public record Asked(String model, String message, boolean streamed, int status) {}
