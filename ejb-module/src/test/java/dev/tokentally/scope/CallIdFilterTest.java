package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.BrokenLog;
import dev.tokentally.CapturedLog;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import jakarta.enterprise.context.spi.Context;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A request with a wrong traceparent header")
class CallIdFilterTest {

    private static final String LOGGERS = "dev.tokentally.scope";
    private static final UUID CALL = UUID.randomUUID();

    private final CallContext context = new CallContext();
    private final CallScope scopes =
            new CallScope(context, requestIsActive(), null, new AttributeRules(new Settings(new MapConfig(Map.of()))));

    @Test
    @DisplayName("writes nothing to the log if it enters no call scope, as one that is refused or makes no call")
    void noScope() throws Exception {
        try (CapturedLog log = CapturedLog.of(LOGGERS)) {
            for (int i = 0; i < 300; i++) {
                request();
            }
            assertThat(log.messages()).isEmpty();
        }
    }

    @Test
    @DisplayName("causes one WARNING, which does not show the header, when it enters its first scope")
    void oneLine() throws Exception {
        try (CapturedLog log = CapturedLog.of(LOGGERS)) {
            request();
            for (int i = 0; i < 3; i++) {
                try (CallScope.Handle outer = scopes.enter("acme", "chat");
                        CallScope.Handle inner = scopes.enter("acme", "tool")) {
                    assertThat(scopes.current().orElseThrow().trace()).isNull();
                }
            }
            assertThat(log.messages())
                    .singleElement()
                    .asString()
                    .startsWith(
                            "The traceparent header of a request is left out, and its calls are recorded without it")
                    .contains("call_id=" + CALL, "it has 6 characters")
                    .doesNotContain("secret");
        }
    }

    @Test
    @DisplayName("enters its scope also if the server's log throws")
    void logFails() throws Exception {
        try (BrokenLog broken = BrokenLog.of(LOGGERS)) {
            request();
            try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
                assertThat(context.operation()).isEqualTo("chat");
            }
            assertThat(broken.lines()).isEqualTo(1);
        }
        assertThat(scopes.current()).isEmpty();
    }

    @Test
    @DisplayName(
            "cannot fill the log, even if there are many such requests, and the log tells in the end how many there were")
    void many() throws Exception {
        try (CapturedLog log = CapturedLog.of(LOGGERS)) {
            for (int i = 0; i < 300; i++) {
                request();
                scopes.enter("acme", "chat").close();
            }
            assertThat(log.messages()).hasSizeBetween(10, 100);
            scopes.tellTheRest();
            assertThat(log.messages().get(log.messages().size() - 1))
                    .endsWith(" more traceparent headers were left out for similar reasons, 300 so far");
        }
    }

    private void request() throws IOException, ServletException {
        CallIdFilter filter = new CallIdFilter();
        filter.context = context;
        Map<String, String> headers = Map.of("X-Request-ID", CALL.toString(), "traceparent", "secret");
        filter.doFilter(
                answering(
                        HttpServletRequest.class,
                        name -> Collections.enumeration(
                                headers.containsKey(name) ? List.of(headers.get(name)) : List.of())),
                answering(HttpServletResponse.class, name -> null),
                (request, response) -> {});
    }

    private static BeanManager requestIsActive() {
        Context active = answering(Context.class, nothing -> true);
        return answering(BeanManager.class, type -> active);
    }

    /** Answers each method by its first argument. */
    private static <T> T answering(Class<T> type, Function<Object, Object> answer) {
        return type.cast(Proxy.newProxyInstance(
                CallIdFilterTest.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answer.apply(arguments == null ? null : arguments[0])));
    }
}
