package dev.tokentally.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A failed call may have been billed")
class MaybeBilledTest {

    @Test
    @DisplayName("after a timeout, a cancellation, an interrupt or no reported end, also as a cause")
    void maybe() {
        for (Throwable thrown : List.of(
                new TimeoutException(),
                new HttpTimeoutException("x"),
                new SocketTimeoutException(),
                new SocketTimeoutException("Read timed out"),
                new LibraryTimeoutException() {},
                new LibraryTimeoutException(),
                new SubclassOfIt(),
                new CancellationException(),
                new InterruptedException(),
                new ClosedByInterruptException(),
                new UnfinishedCallException())) {
            assertThat(MaybeBilled.is(thrown)).as(thrown.toString()).isTrue();
            assertThat(MaybeBilled.is(new CompletionException(new ExecutionException(thrown))))
                    .as("as a cause: " + thrown)
                    .isTrue();
        }
    }

    @Test
    @DisplayName(
            "but not if nothing was asked, the provider refused or nothing was thrown, and a ring of causes does not hang the check")
    void not() {
        IOException ring = new IOException("one");
        ring.initCause(new IOException("two", ring));
        assertThat(MaybeBilled.is(ring)).isFalse();
        assertThat(MaybeBilled.is(null)).isFalse();
        for (Throwable thrown : List.of(
                new IllegalStateException("429"),
                new UncheckedIOException(new ConnectException()),
                new HttpConnectTimeoutException("x"),
                new LibraryTimeoutException(new HttpConnectTimeoutException("x")),
                new ConnectTimeoutException(),
                new ConnectTimeoutException() {},
                new LibraryTimeoutException(new ConnectionRequestTimeoutException()),
                new LibraryTimeoutException(new UnknownHostException()),
                new SocketTimeoutException("Connect timed out"),
                new OutOfMemoryError())) {
            assertThat(MaybeBilled.is(thrown)).as(thrown.toString()).isFalse();
        }
    }

    @Test
    @DisplayName("is known of an exception whose outer class is missing, too")
    void withoutItsOuterClass() throws ReflectiveOperationException {
        assertThat(MaybeBilled.is(OuterClassLost.failure())).isFalse();
        assertThat(MaybeBilled.is(new TimeoutException().initCause(OuterClassLost.failure())))
                .isTrue();
    }

    /** Has the name of LangChain4j's class, which this module does not know. */
    static class LibraryTimeoutException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        LibraryTimeoutException() {}

        LibraryTimeoutException(Throwable cause) {
            super(cause);
        }
    }

    /** Has the name of the classes of Apache's client and of Netty for a connection that was not made in time. */
    private static class ConnectTimeoutException extends SocketTimeoutException {

        private static final long serialVersionUID = 1L;
    }

    /** Has the name of the classes of Apache's clients for a pool that gave no connection in time. */
    private static final class ConnectionRequestTimeoutException extends InterruptedIOException {

        private static final long serialVersionUID = 1L;
    }

    private static final class SubclassOfIt extends LibraryTimeoutException {

        private static final long serialVersionUID = 1L;
    }
}
