package dev.tokentally.recording;

import dev.tokentally.text.FailureText;
import dev.tokentally.text.OneLine;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageStoreException;
import java.io.IOException;

/** The text of a log line about a failure or a record. Text from outside can neither end the line nor fill the log. */
final class LogText {

    private static final int MAX_LENGTH = 300;

    private LogText() {}

    /** The failure and, if it says more, its root cause; no stack trace. */
    static String of(Throwable failure) {
        return oneLine(text(failure));
    }

    /**
     * The failure, if the log needs its stack trace: it may be a fault of our own. Null for a failure of the disk or of the store,
     * which says enough by its message.
     */
    static Throwable unexpected(Throwable failure) {
        return failure instanceof IOException || failure instanceof UsageStoreException ? null : failure;
    }

    /** The store's message about a record, without the user, whom the message may name. */
    static String of(Throwable failure, CallRecord record) {
        String user = record.origin().userId();
        String text = text(failure);
        return oneLine(user == null ? text : new NamedUser(user).takenOutOf(text));
    }

    private static String text(Throwable failure) {
        return failure == null ? "unknown" : FailureText.of(failure);
    }

    /** The tenant and the operation of a record. Neither name can contain a line end. */
    static String of(CallRecord record) {
        return "tenant=" + record.tenantId() + " operation=" + record.operation() + " id=" + record.id();
    }

    static String oneLine(String text) {
        return OneLine.of(text, MAX_LENGTH);
    }
}
