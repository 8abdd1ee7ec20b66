package dev.tokentally.run;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What a person has to put right, collected, so that one start tells of all of it. */
final class Faults {

    private final List<String> messages = new ArrayList<>();

    /** Does a check and keeps its fault; then the result is the other value. */
    <T> T in(Supplier<T> check, T otherwise) {
        try {
            return check.get();
        } catch (InvalidOptionException fault) {
            messages.add(fault.getMessage());
            return otherwise;
        }
    }

    /** Does a check that has no result. */
    void in(Runnable check) {
        in(
                () -> {
                    check.run();
                    return null;
                },
                null);
    }

    /**
     * Ends the collecting.
     *
     * @throws InvalidOptionException when there is a fault; the message has a line for each
     */
    void refuse() {
        if (!messages.isEmpty()) {
            throw new InvalidOptionException(String.join("\n", messages));
        }
    }
}
