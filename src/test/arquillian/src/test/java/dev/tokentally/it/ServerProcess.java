package dev.tokentally.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Looks into a running server with the JDK's own tools. */
public final class ServerProcess {

    private final ProcessHandle process;

    public ServerProcess(ProcessHandle process) {
        this.process = process;
    }

    /** The frames of our classes in any thread, while nobody calls us; the launcher's watch of its parent is not meant. */
    public List<String> threadsOfOurs() throws IOException, InterruptedException {
        return jcmd("Thread.print")
                .lines()
                .filter(line -> line.contains("at dev.tokentally.") && !line.contains("at dev.tokentally.run."))
                .toList();
    }

    /** How many applications have a thread that takes records from the spool to the store. */
    public long drainers() throws IOException, InterruptedException {
        return jcmd("Thread.print")
                .lines()
                .filter(line -> line.startsWith("\"tokentally-drainer\""))
                .count();
    }

    /** The files of spools that it has open, locks included. */
    public List<String> openSpoolFiles() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            return open.map(ServerProcess::target)
                    .filter(file -> file.contains("spool") && (file.contains("lock") || file.contains(".spool")))
                    .toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    /** How many class loaders hold an instance of the class, after a full garbage collection. */
    public long loadedCopiesOf(String className) throws IOException, InterruptedException {
        jcmd("GC.run");
        return jcmd("GC.class_histogram")
                .lines()
                .filter(line -> line.stripTrailing().endsWith(" " + className) || line.contains(" " + className + " ("))
                .count();
    }

    /** How many instances of each class there are, after a full garbage collection. */
    public Map<String, Long> instances() throws IOException, InterruptedException {
        jcmd("GC.run");
        Map<String, Long> instances = new HashMap<>();
        jcmd("GC.class_histogram")
                .lines()
                .map(String::strip)
                .map(line -> line.split("\\s+"))
                .forEach(columns -> {
                    if (columns.length >= 4 && columns[0].endsWith(":")) {
                        instances.merge(columns[3], Long.parseLong(columns[1]), Long::sum);
                    }
                });
        return instances;
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new IOException("jcmd " + command + ": " + output);
        }
        return output;
    }
}
