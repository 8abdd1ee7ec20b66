package dev.tokentally.langchain4j;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpClientBuilderLoader;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.tokentally.tracking.MaybeBilled;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;

/**
 * Reads a recorded model's answers as the provider sent them, before LangChain4j drops the parts for which it has no place: the
 * tokens that Gemini's tools put into the prompt, the modalities, the served tier, what a prompt used that Gemini blocked, or a
 * refusal of OpenAI.
 *
 * <pre>{@code
 * GoogleAiGeminiChatModel.builder().httpClientBuilder(WatchedHttp.builder()).apiKey(key).modelName("gemini-2.5-flash")…
 * }</pre>
 *
 * <p>It records nothing by itself, so the model still needs its listener or wrapper. The client asks, answers and fails like the
 * one inside it.
 */
public final class WatchedHttp {

    // These are proxies, since newer versions of LangChain4j have more methods in these interfaces, and the default
    // methods refuse to work.

    private WatchedHttp() {}

    /**
     * Makes a builder that wraps the HTTP client that LangChain4j finds.
     *
     * @return the builder for {@code httpClientBuilder}; use it for one model only, since LangChain4j puts the model's timeouts
     *     into it
     */
    public static HttpClientBuilder builder() {
        return around(HttpClientBuilderLoader.loadHttpClientBuilder());
    }

    /**
     * Around a given HTTP client.
     *
     * @param builder makes the client; not null
     * @return for a model's {@code httpClientBuilder}
     */
    public static HttpClientBuilder around(HttpClientBuilder builder) {
        Objects.requireNonNull(builder, "builder");
        return proxy(HttpClientBuilder.class, (proxy, method, arguments) -> {
            Object returned = invoke(builder, method, arguments);
            if (returned == builder) {
                return proxy;
            }
            return returned instanceof HttpClient client ? watched(client) : returned;
        });
    }

    private static HttpClient watched(HttpClient client) {
        return proxy(HttpClient.class, (proxy, method, arguments) -> {
            RawCall call = RawCall.here().orElse(null);
            if (call == null || !method.getName().equals("execute")) {
                return invoke(client, method, arguments);
            }
            int last = arguments.length - 1;
            if (arguments[last] instanceof ServerSentEventListener listener) {
                call.end();
                arguments[last] = watched(listener, call);
            }
            call.watch();
            Object returned;
            try {
                returned = invoke(client, method, arguments);
            } catch (Throwable thrown) {
                if (!(thrown instanceof HttpException) && !SeenCall.isUnconnected(thrown)) {
                    call.broke(MaybeBilled.is(thrown));
                }
                throw thrown;
            }
            if (returned instanceof SuccessfulHttpResponse response) {
                call.answered(isText(response.contentType()) ? response.body() : null);
            }
            return returned;
        });
    }

    /** Only text is read; the bytes of a sound are not. */
    private static boolean isText(String contentType) {
        return contentType == null || contentType.contains("json") || contentType.contains("text");
    }

    private static ServerSentEventListener watched(ServerSentEventListener listener, RawCall call) {
        return proxy(ServerSentEventListener.class, (proxy, method, arguments) -> {
            if (method.getName().equals("onEvent") && arguments[0] instanceof ServerSentEvent event) {
                call.streamed(event.event(), event.data());
            }
            return invoke(listener, method, arguments);
        });
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
