package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.tokentally.text.CauseChain;
import dev.tokentally.tracking.NeverConnected;
import java.io.IOException;
import java.lang.StackWalker.StackFrame;

/** Recognises streamed answers whose connection broke. The provider may charge for the part of the answer that it made. */
final class CutStream {

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private CutStream() {}

    /** Whether a stream that ended with this exception had a connection. */
    static boolean is(Throwable thrown) {
        boolean broken = false;
        for (Throwable each : CauseChain.of(thrown)) {
            if (NeverConnected.says(each)) {
                return false;
            }
            broken |= each instanceof IOException;
        }
        return broken;
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

    /** Whether a chat model is being asked on this thread, ordinary or streaming. */
    static boolean isModelAskedHere() {
        return STACK.walk(frames -> frames.map(StackFrame::getDeclaringClass)
                .anyMatch(type ->
                        StreamingChatModel.class.isAssignableFrom(type) || ChatModel.class.isAssignableFrom(type)));
    }

    private static boolean isOfStream(Class<?> type) {
        return StreamingChatModel.class.isAssignableFrom(type)
                || StreamingChatResponseHandler.class.isAssignableFrom(type);
    }
}
