package dev.tokentally.recording;

import dev.tokentally.text.OneLine;
import dev.tokentally.usage.CallRecord;

/** The text of a log line about a failure or a record. Text from outside can neither end the line nor fill the log. */
final class LogText {

    private static final int MAX_LENGTH = 300;

    private LogText() {}

    /** The failure and, if it says more, its root cause; no stack trace. */
    static String of(Throwable failure) {
        return oneLine(text(failure));
    }

    /** The store's message about a record, without the user, whom the message may name. */
    static String of(Throwable failure, CallRecord record) {
        String user = record.origin().userId();
        String text = text(failure);
        return oneLine(user == null ? text : new NamedUser(user).takenOutOf(text));
    }

    private static String text(Throwable failure) {
        if (failure == null) {
            return "unknown";
        }
        Throwable root = failure;
        for (int depth = 0; root.getCause() != null && depth < 20; depth++) {
            root = root.getCause();
        }
        return root == failure ? describe(failure) : failure.getMessage() + ": " + describe(root);
    }

    /** The tenant and the operation of a record. Neither name can contain a line end. */
    static String of(CallRecord record) {
        return "tenant=" + record.tenantId() + " operation=" + record.operation() + " id=" + record.id();
    }

    private static String describe(Throwable failure) {
        return failure.getClass().getSimpleName() + ": " + failure.getMessage();
    }

    static String oneLine(String text) {
        return OneLine.of(text, MAX_LENGTH);
    }
}
