package dev.tokentally.langchain4j;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpClientBuilderLoader;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.time.Duration;

/**
 * Makes LangChain4j's HTTP client, whose streamed answers then never come on the thread that asks. Without this they do so if the
 * answer begins before {@code sendAsync} has returned. That is rare, but a busy machine may do it with any test.
 */
record AnswersElsewhere(HttpClientBuilder builder) implements HttpClientBuilder {

    AnswersElsewhere() {
        this(HttpClientBuilderLoader.loadHttpClientBuilder());
    }

    @Override
    public HttpClient build() {
        return new Client(builder.build());
    }

    @Override
    public Duration connectTimeout() {
        return builder.connectTimeout();
    }

    @Override
    public HttpClientBuilder connectTimeout(Duration timeout) {
        builder.connectTimeout(timeout);
        return this;
    }

    @Override
    public Duration readTimeout() {
        return builder.readTimeout();
    }

    @Override
    public HttpClientBuilder readTimeout(Duration timeout) {
        builder.readTimeout(timeout);
        return this;
    }

    private record Client(HttpClient client) implements HttpClient {

        @Override
        public SuccessfulHttpResponse execute(HttpRequest request) {
            return client.execute(request);
        }

        @Override
        public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener told) {
            new Thread(() -> client.execute(request, parser, told), "asks the provider").start();
        }
    }
}
