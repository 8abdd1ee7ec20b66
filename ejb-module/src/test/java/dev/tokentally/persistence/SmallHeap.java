package dev.tokentally.persistence;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Runs a program in a process of its own, whose heap is small. */
final class SmallHeap {

    private SmallHeap() {}

    /** Starts a main class of the tests. What it writes, also to the error stream, is the process's output. */
    static Process start(String heap, Class<?> main, String... arguments) throws IOException {
        List<String> java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName());
        return new ProcessBuilder(
                        Stream.concat(java.stream(), Stream.of(arguments)).toList())
                .redirectErrorStream(true)
                .start();
    }
}
