package dev.tokentally.tracking;

import dev.tokentally.llm.LlmPort;
import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds in the stack to which bean a call went and which line of the application made it, for messages about a call without a
 * scope. It looks at the stack only when it makes such a message.
 */
final class CallSite {

    private static final StackWalker STACK = StackWalker.getInstance();

    /** Enough for what servers and interceptors put between a caller and a model. */
    private static final int MOST_FRAMES = 400;

    /** The endings that Weld adds to a bean's class name for its proxies and subclasses. */
    private static final String WELD = "$Proxy$_$$_Weld";

    /** Packages that are not the application's. */
    private static final Set<String> OTHERS = Set.of(
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "jakarta.",
            "kotlin.",
            "org.jboss.",
            "org.wildfly.",
            "org.glassfish.",
            "org.apache.",
            "org.eclipse.",
            "org.hibernate.",
            "fish.payara.",
            "io.undertow.",
            "io.smallrye.",
            "io.vertx.",
            "io.netty.",
            "io.opentelemetry.",
            "dev.langchain4j.",
            "dev.tokentally.llm.",
            "dev.tokentally.scope.",
            "dev.tokentally.tracking.",
            "dev.tokentally.recording.",
            "dev.tokentally.langchain4j.",
            "dev.tokentally.testing.");

    private CallSite() {}

    /** The text for a call that the decorator sees. If the stack does not show the place, the text says so. */
    static String ofPort() {
        try {
            return ofPort(frames());
        } catch (RuntimeException unknown) {
            return "the bean and its caller are not known";
        }
    }

    /** The text for a request that a listener or a wrapper sees. */
    static String ofModel() {
        try {
            return "asked by " + caller(frames());
        } catch (RuntimeException unknown) {
            return "the caller is not known";
        }
    }

    static String ofPort(List<Frame> frames) {
        Optional<String> bean = frames.stream()
                .map(Frame::type)
                .filter(type -> type.contains(WELD))
                .map(type -> type.substring(0, type.indexOf(WELD)))
                .findFirst();
        // An interceptor of the application is between two frames of the same bean.
        int begin = bean.map(name -> last(frames, name + WELD)).orElse(-1) + 1;
        return bean.map(name -> "the bean " + name).orElse("an " + LlmPort.class.getSimpleName()) + " was called by "
                + caller(frames.subList(begin, frames.size()));
    }

    static String caller(List<Frame> frames) {
        return frames.stream()
                .filter(frame -> !isGenerated(frame.type()))
                .filter(frame -> OTHERS.stream().noneMatch(frame.type()::startsWith))
                .findFirst()
                .map(Frame::text)
                .orElse("no code of the application's on the thread "
                        + Thread.currentThread().getName());
    }

    /** Whether Weld, a server's EJB container or a library that makes proxies has made the class. */
    private static boolean isGenerated(String type) {
        return type.contains("$$") || type.contains("$Proxy") || type.contains("__EJB31_Generated__");
    }

    private static int last(List<Frame> frames, String prefix) {
        int last = -1;
        for (int i = 0; i < frames.size(); i++) {
            if (frames.get(i).type().startsWith(prefix)) {
                last = i;
            }
        }
        return last;
    }

    private static List<Frame> frames() {
        return STACK.walk(CallSite::frames);
    }

    private static List<Frame> frames(Stream<StackFrame> stack) {
        return stack.limit(MOST_FRAMES)
                .map(frame -> new Frame(
                        frame.getClassName(), frame.getMethodName(), frame.getFileName(), frame.getLineNumber()))
                .toList();
    }

    /**
     * A line of the stack.
     *
     * @param file null where it is not known
     */
    record Frame(String type, String method, String file, int line) {

        String text() {
            return type + "." + method + "(" + (file == null ? "unknown source" : file + ":" + line) + ")";
        }
    }
}
