package dev.tokentally.benchmarks;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Reports the progress on the console. */
final class Progress {

    private static final PrintStream CONSOLE = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Progress() {}

    static void tell(String line) {
        CONSOLE.println(line);
    }
}
