package dev.tokentally.langchain4j.openai;

/**
 * What the provider was asked, in its own log.
 *
 * @param model the model that was asked for
 * @param message the last message
 * @param streamed whether the answer was to be streamed
 * @param status the HTTP status that it answered with
 */
public record Asked(String model, String message, boolean streamed, int status) {}
