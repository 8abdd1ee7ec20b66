package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A call gets what the HTTP client sees on its thread")
class RawCallTest {

    @Test
    @DisplayName("again after a call inside of it has ended")
    void nested() {
        RawCall outer = RawCall.begin();
        RawCall inner = RawCall.begin();
        RawCall innermost = RawCall.begin();
        assertThat(RawCall.here()).containsSame(innermost);

        innermost.end();
        assertThat(RawCall.here()).containsSame(inner);
        inner.end();
        assertThat(RawCall.here()).containsSame(outer);
        outer.end();
        assertThat(RawCall.here()).isEmpty();
    }

    @Test
    @DisplayName("but not again if it ended before the call inside of it, on this thread or on another one")
    void endedBefore() {
        for (Consumer<Runnable> thread : List.<Consumer<Runnable>>of(
                Runnable::run, end -> CompletableFuture.runAsync(end).join())) {
            RawCall outer = RawCall.begin();
            RawCall inner = RawCall.begin();
            thread.accept(outer::end);

            inner.end();

            assertThat(RawCall.here()).isEmpty();
        }
    }

    @Test
    @DisplayName("but not again if it is a stream whose model has been asked, of which a listener does not hear")
    void staleStream() {
        for (Supplier<RawCall> next :
                List.<Supplier<RawCall>>of(RawCall::begin, () -> RawCall.ofOtherKind(Kind.IMAGE, false))) {
            RawCall stream = RawCall.ofListener(false);

            next.get().end();

            assertThat(RawCall.here()).isEmpty();
            stream.end();
        }
    }
}
