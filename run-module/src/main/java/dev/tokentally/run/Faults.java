package dev.tokentally.run;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Collects the mistakes that a person has to correct, so that one start reports all of them. */
final class Faults {

    private final List<String> messages = new ArrayList<>();

    /** Makes a check. If it fails, its fault is kept and the result is the other value. */
    <T> T in(Supplier<T> check, T otherwise) {
        try {
            return check.get();
        } catch (InvalidOptionException fault) {
            add(fault.getMessage());
            return otherwise;
        }
    }

    /** Makes a check without a result. */
    void in(Runnable check) {
        in(
                () -> {
                    check.run();
                    return null;
                },
                null);
    }

    void add(String message) {
        messages.add(message);
    }

    /**
     * Refuses to go on if a check has failed.
     *
     * @throws InvalidOptionException when there is a fault; the message has one line for each fault
     */
    void refuse() {
        if (!messages.isEmpty()) {
            throw new InvalidOptionException(String.join("\n", messages));
        }
    }
}
