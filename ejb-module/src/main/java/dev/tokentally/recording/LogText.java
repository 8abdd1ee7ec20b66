package dev.tokentally.recording;

import dev.tokentally.text.OneLine;
import dev.tokentally.usage.CallRecord;

/** What a log line says of a failure and of a record. Text from outside can neither end the line nor fill the log. */
final class LogText {

    private static final int MAX_LENGTH = 300;

    private LogText() {}

    /** The failure and, where that says more, what is at the bottom of it; no stack trace. */
    static String of(Throwable failure) {
        return oneLine(text(failure));
    }

    /** What the store said of a record, without the user, whom it may name. */
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

    /** Whose record it is. Neither name can hold what ends a line. */
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
