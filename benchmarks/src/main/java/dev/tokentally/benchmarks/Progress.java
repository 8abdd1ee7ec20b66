package dev.tokentally.benchmarks;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The console, for the one who waits. */
final class Progress {

    private static final PrintStream CONSOLE = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Progress() {}

    static void tell(String line) {
        CONSOLE.println(line);
    }
}
