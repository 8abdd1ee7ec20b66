package com.example;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.UsagePayload;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Asks OpenAI, or a server that speaks its protocol, once beans.xml selects it. */
@Alternative
@ApplicationScoped
public class OpenAiLlm implements LlmPort {

    private final HttpClient client = HttpClient.newHttpClient();

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        String model = setting("OPENAI_MODEL", "gpt-4o-mini");
        String question = Json.createObjectBuilder()
                .add("model", model)
                .add("messages", Json.createArrayBuilder()
                        .add(message("system", request.systemMessage()))
                        .add(message("user", request.userMessage())))
                .build()
                .toString();
        String answer = send(HttpRequest.newBuilder(
                        URI.create(setting("OPENAI_BASE_URL", "https://api.openai.com/v1") + "/chat/completions"))
                .timeout(request.timeout())
                .header("Authorization", "Bearer " + setting("OPENAI_API_KEY", ""))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(question))
                .build());
        JsonObject json = Json.createReader(new StringReader(answer)).readObject();
        String content = json.getJsonArray("choices").getJsonObject(0).getJsonObject("message").getString("content");
        UsagePayload used = UsagePayload.read("openai", answer);
        return new LlmResponse<>(
                        request.responseType().cast(content), "openai", json.getString("model"), used.tokens(), used.costUsd())
                .withServiceTier(used.serviceTier())
                .withRequestedModel(model);
    }

    private static JsonObject message(String role, String content) {
        return Json.createObjectBuilder().add("role", role).add("content", content).build();
    }

    /** A failed call is recorded too. The record has the class of the exception, but not its message. */
    private String send(HttpRequest request) {
        try {
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("the provider answers with status " + answer.statusCode());
            }
            return answer.body();
        } catch (IOException e) {
            throw new IllegalStateException("the provider does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String setting(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }
}
