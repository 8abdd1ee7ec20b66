package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.io.IOException;
import java.lang.StackWalker.StackFrame;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Recognises streamed answers whose connection broke. The provider may charge for the part of the answer that it made. */
final class CutStream {

    /** How many causes are looked at, since a chain of causes may be a ring. */
    private static final int DEEPEST = 20;

    /** The connection was never made, so the provider was not asked. */
    private static final List<Class<? extends Exception>> NOT_CONNECTED = List.of(
            ConnectException.class,
            HttpConnectTimeoutException.class,
            NoRouteToHostException.class,
            SSLHandshakeException.class,
            SSLPeerUnverifiedException.class,
            UnknownHostException.class,
            UnresolvedAddressException.class);

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private CutStream() {}

    /** Whether a stream that ended with this exception had a connection. */
    static boolean is(Throwable thrown) {
        boolean broken = false;
        Throwable each = thrown;
        for (int depth = 0; each != null && depth < DEEPEST; depth++) {
            if (isNotConnected(each)) {
                return false;
            }
            broken |= each instanceof IOException;
    /** Whether a chat model is being asked on this thread, ordinary or streaming. */
    static boolean isModelAskedHere() {
        return STACK.walk(frames -> frames.map(StackFrame::getDeclaringClass)
                .anyMatch(type ->
                        StreamingChatModel.class.isAssignableFrom(type) || ChatModel.class.isAssignableFrom(type)));
    }

            each = each.getCause();
        }
        return broken;
    }

    private static boolean isNotConnected(Throwable thrown) {
        return NOT_CONNECTED.stream().anyMatch(type -> type.isInstance(thrown));
    }

    /**
     * Whether LangChain4j calls the listener on this thread for a streaming model. It tells a listener nothing about the kind of
     * model. The stack shows it: the nearest model or handler of a stream is the one that reports.
     */
    static boolean isReportedHere() {
        return STACK.walk(frames -> frames.map(StackFrame::getDeclaringClass)
                .filter(type -> isOfStream(type) || ChatModel.class.isAssignableFrom(type))
                .findFirst()
                .map(CutStream::isOfStream)
                .orElse(false));
    }

    private static boolean isOfStream(Class<?> type) {
        return StreamingChatModel.class.isAssignableFrom(type)
                || StreamingChatResponseHandler.class.isAssignableFrom(type);
    }
}
