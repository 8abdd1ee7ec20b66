package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.BrokenLog;
import dev.tokentally.CapturedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The scopes of a request")
class CallContextTest {

    private final CallContext context = new CallContext();
    private final List<String> ended = new ArrayList<>();
    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of(CallContext.class.getName());
    }

    @AfterEach
    void stopListening() {
        log.close();
    }

    @Test
    @DisplayName("nest, and log nothing if each is closed in its turn")
    void nest() {
        OpenScope outer = open("outer");
        OpenScope inner = open("inner");
        assertThat(context.operation()).isEqualTo("inner");

        inner.close();
        assertThat(context.operation()).isEqualTo("outer");
        outer.close();

        assertThatThrownBy(context::operation)
                .isInstanceOf(MissingCallScopeException.class)
                .hasMessageContaining("operation()");
        assertThat(log.messages()).isEmpty();
    }

    @Test
    @DisplayName("are not closed by a second close, and each second close is logged")
    void twice() {
        open("outer");
        OpenScope inner = open("inner");
        inner.close();

        inner.close();
        inner.close();

        assertThat(context.operation()).isEqualTo("outer");
        assertThat(log.messages()).hasSize(2).allSatisfy(warning -> assertThat(warning)
                .contains("closed again", "tenant=acme operation=inner", "CallContextTest.java:"));
    }

    @Test
    @DisplayName(
            "close together with the scope around them, which is logged once, and not again when their own handles close")
    void outOfOrder() {
        OpenScope outer = open("outer");
        OpenScope inner = open("inner");
        OpenScope innermost = open("innermost");

        outer.close();
        innermost.close();
        inner.close();

        assertThat(context.scope()).isEmpty();
        assertThat(log.messages()).singleElement().satisfies(warning -> assertThat(warning)
                .contains("tenant=acme operation=outer", "operation=inner", "operation=innermost"));
    }

    @Test
    @DisplayName("can be closed on another thread, which is logged, and the request stays with its own thread")
    void otherThread() throws InterruptedException {
        context.activatedBy(() -> ended.add("ended"));
        OpenScope scope = open("mine");

        Thread other = new Thread(scope::close);
        other.start();
        other.join();

        assertThat(context.scope()).isEmpty();
        assertThat(ended).isEmpty();
        assertThat(log.messages()).singleElement().satisfies(warning -> assertThat(warning)
                .contains("on another thread", "operation=mine"));
        scope.close();
        assertThat(log.messages()).hasSize(1);

        open("next").close();
        assertThat(ended).containsExactly("ended");
    }

    @Test
    @DisplayName("end a request that the module has activated when the last of them closes")
    void endTheRequest() {
        context.activatedBy(() -> ended.add("ended"));
        OpenScope outer = open("outer");
        OpenScope inner = open("inner");

        inner.close();
        assertThat(ended).isEmpty();
        outer.close();
        assertThat(ended).containsExactly("ended");
    }

    @Test
    @DisplayName(
            "are closed if they are still open when their request ends, with one warning that names where each was entered")
    void leftOpen() {
        OpenScope outer = open("outer");
        open("inner");

        context.closeWhatWasLeftOpen();
        outer.close();

        assertThat(context.scope()).isEmpty();
        assertThat(log.messages()).singleElement().satisfies(warning -> assertThat(warning)
                .contains("operation=inner, entered at", "inside of tenant=acme operation=outer, entered at")
                .contains("CallContextTest.open(CallContextTest.java:"));
    }

    @Test
    @DisplayName("log nothing if none of them is open at the request's end")
    void noneOpen() {
        open("closed").close();

        context.closeWhatWasLeftOpen();

        assertThat(log.messages()).isEmpty();
    }

    @Test
    @DisplayName("close in whatever order, and no close throws, also if the server's log does")
    void logFails() {
        OpenScope before = open("before");
        OpenScope outer = open("outer");
        OpenScope inner = open("inner");

        try (BrokenLog broken = BrokenLog.of(CallContext.class.getName())) {
            outer.close();
            assertThat(context.operation()).isEqualTo("before");
            inner.close();
            outer.close();
            assertThat(context.operation()).isEqualTo("before");
            context.closeWhatWasLeftOpen();
            assertThat(context.scope()).isEmpty();
            before.close();

            assertThat(broken.lines()).isEqualTo(3);
        }
    }

    private OpenScope open(String operation) {
        return context.open(new Scope("acme", operation, UUID.randomUUID()), OpenScope.caller());
    }
}
