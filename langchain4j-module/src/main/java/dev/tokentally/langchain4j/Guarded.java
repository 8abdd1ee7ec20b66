package dev.tokentally.langchain4j;

import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;

/**
 * Runs what the module does beside a call. Whatever that throws, even an Error, must not reach the call. LangChain4j lets an Error
 * of a listener through.
 */
final class Guarded {

    private static final Logger LOG = QuietLog.of(Guarded.class);

    private static final String NOT_RECORDED = "An LLM call is not recorded, or not completely";

    private Guarded() {}

    /**
     * What an object of LangChain4j or of the application says.
     *
     * @param what it says, for the log
     * @return null if it says nothing or throws
     */
    static <T> T said(String what, Supplier<T> accessor) {
        try {
            return accessor.get();
        } catch (Throwable failure) {
            log(Level.WARNING, "A call is recorded without " + what + ", which could not be read", failure);
            return null;
        }
    }

    /** Begins to record a call. Returns null if that fails; then the call goes on without a record. */
    static <T> T begun(Supplier<T> recording) {
        try {
            return recording.get();
        } catch (Throwable failure) {
            log(Level.ERROR, NOT_RECORDED, failure);
            return null;
        }
    }

    /** Records something of a call. */
    static void recorded(Runnable recording) {
        try {
            recording.run();
        } catch (Throwable failure) {
            log(Level.ERROR, NOT_RECORDED, failure);
        }
    }

    static void log(Level level, String line, Throwable failure) {
        LOG.log(level, line + ": " + failure.getClass().getName());
    }
}
