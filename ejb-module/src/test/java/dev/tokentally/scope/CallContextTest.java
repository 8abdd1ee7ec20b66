package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The scopes of a request")
class CallContextTest {

    private static final Logger LOGGER = Logger.getLogger(CallContext.class.getName());

    private final CallContext context = new CallContext();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();
    private final Handler warningsHandler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            warnings.add(line.getMessage());
        }

        @Override
        public void flush() {
            // Nothing is kept back.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    };

    @BeforeEach
    void listen() {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(warningsHandler);
    }

    @AfterEach
    void stopListening() {
        LOGGER.removeHandler(warningsHandler);
        LOGGER.setUseParentHandlers(true);
    }

    @Test
    @DisplayName("nest, and say nothing when each is closed in its turn")
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
        assertThat(warnings).isEmpty();
    }

    @Test
    @DisplayName("are not closed by a second close, each of which is told")
    void twice() {
        open("outer");
        OpenScope inner = open("inner");
        inner.close();

        inner.close();
        inner.close();

        assertThat(context.operation()).isEqualTo("outer");
        assertThat(warnings).hasSize(2).allSatisfy(warning -> assertThat(warning)
                .contains("closed again", "tenant=acme operation=inner", "CallContextTest.java:"));
    }

    @Test
    @DisplayName("close with the one around them, which is told once, and not again when their own handle closes")
    void outOfOrder() {
        OpenScope outer = open("outer");
        OpenScope inner = open("inner");
        OpenScope innermost = open("innermost");

        outer.close();
        innermost.close();
        inner.close();

        assertThat(context.scope()).isEmpty();
        assertThat(warnings).singleElement().satisfies(warning -> assertThat(warning)
                .contains("tenant=acme operation=outer", "operation=inner", "operation=innermost"));
    }

    @Test
    @DisplayName("close on another thread too, which is told, while the request stays with its own thread")
    void otherThread() throws InterruptedException {
        context.activatedBy(() -> ended.add("ended"));
        OpenScope scope = open("mine");

        Thread other = new Thread(scope::close);
        other.start();
        other.join();

        assertThat(context.scope()).isEmpty();
        assertThat(ended).isEmpty();
        assertThat(warnings).singleElement().satisfies(warning -> assertThat(warning)
                .contains("on another thread", "operation=mine"));
        scope.close();
        assertThat(warnings).hasSize(1);

        open("next").close();
        assertThat(ended).containsExactly("ended");
    }

    @Test
    @DisplayName("end the request that the module activated with the last of them")
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
    @DisplayName("that are open when their request ends are closed, with one warning for all that names each place")
    void leftOpen() {
        OpenScope outer = open("outer");
        open("inner");

        context.closeWhatWasLeftOpen();
        outer.close();

        assertThat(context.scope()).isEmpty();
        assertThat(warnings).singleElement().satisfies(warning -> assertThat(warning)
                .contains("operation=inner, entered at", "inside of tenant=acme operation=outer, entered at")
                .contains("CallContextTest.open(CallContextTest.java:"));
    }

    @Test
    @DisplayName("say nothing when none is open at the request's end")
    void noneOpen() {
        open("closed").close();

        context.closeWhatWasLeftOpen();

        assertThat(warnings).isEmpty();
    }

    private OpenScope open(String operation) {
        return context.open(new Scope("acme", operation, UUID.randomUUID()), OpenScope.caller());
    }
}
