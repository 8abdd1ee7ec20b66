package dev.tokentally.web.key;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.web.MapConfig;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An answer of the API")
class KeyFilterTest {

    private static final String KEY = "a-tenant's-key";

    private final Logger logger = Logger.getLogger("dev.tokentally.web");
    private final KeyFilter filter = new KeyFilter();
    private final Map<String, String> headers = new TreeMap<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int status = 200;

    @BeforeEach
    void filter() {
        filter.keys = new ApiKeys(new MapConfig(
                Map.of("tokentally.api-keys", "acme:tenant:" + HexFormat.of().formatHex(KeyHash.of(KEY)))));
        filter.failedAttempts = new FailedAttempts(100, System::nanoTime);
        filter.caller = new Caller();
        headers.put("X-Request-ID", "of the filter before");
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void logAgain() {
        logger.setUseParentHandlers(true);
    }

    @Test
    @DisplayName("is not kept, and is of no other type than it says")
    void answered() throws Exception {
        ask(KEY, (request, response) -> {});

        assertThat(status).isEqualTo(200);
        hasItsHeaders();
    }

    @Test
    @DisplayName("has these headers if the key is wrong")
    void refused() throws Exception {
        ask("another-key", (request, response) -> {
            throw new AssertionError("passed");
        });

        assertThat(status).isEqualTo(401);
        hasItsHeaders();
    }

    @Test
    @DisplayName("has these headers, and the id of its request, after a failure outside of JAX-RS too")
    void failed() throws Exception {
        ask(KEY, (request, response) -> {
            throw new IllegalStateException("secret");
        });

        assertThat(status).isEqualTo(500);
        assertThat(body.toString(StandardCharsets.UTF_8))
                .contains("\"code\":\"internal_error\"")
                .doesNotContain("secret");
        hasItsHeaders();
    }

    private void hasItsHeaders() {
        assertThat(headers)
                .containsEntry("Cache-Control", "no-store")
                .containsEntry("X-Content-Type-Options", "nosniff")
                .containsEntry("X-Request-ID", "of the filter before");
    }

    private void ask(String key, FilterChain chain) throws IOException, ServletException {
        HttpServletRequest request =
                proxy(HttpServletRequest.class, (proxy, method, arguments) -> switch (method.getName()) {
                    case "getHeaders" -> Collections.enumeration(List.of("Bearer " + key));
                    case "getRemoteAddr" -> "192.0.2.1";
                    case "getMethod" -> "GET";
                    case "getRequestURI" -> "/api/v1/usage";
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        filter.doFilter(
                request,
                proxy(HttpServletResponse.class, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "setHeader" -> headers.put((String) arguments[0], (String) arguments[1]);
                        case "setStatus" -> status = (int) arguments[0];
                        case "reset" -> headers.clear();
                        case "isCommitted" -> {
                            return false;
                        }
                        case "getOutputStream" -> {
                            return new Body();
                        }
                        case "resetBuffer", "setContentType", "setContentLength" -> {}
                        default -> throw new UnsupportedOperationException(method.getName());
                    }
                    return null;
                }),
                chain);
    }

    private static <T> T proxy(Class<T> type, InvocationHandler answers) {
        return type.cast(Proxy.newProxyInstance(KeyFilterTest.class.getClassLoader(), new Class<?>[] {type}, answers));
    }

    private final class Body extends ServletOutputStream {

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(int sign) {
            body.write(sign);
        }
    }
}
