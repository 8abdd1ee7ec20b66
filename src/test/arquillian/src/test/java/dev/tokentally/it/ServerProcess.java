package dev.tokentally.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Examines a running server with the JDK's own tools. */
public final class ServerProcess {

    private final ProcessHandle process;

    public ServerProcess(ProcessHandle process) {
        this.process = process;
    }

    /**
     * The outermost frame of our classes in each thread that has one. The threads of the launchers, which wait for orders and
     * watch their parent, are left out.
     */
    public List<String> threadsOfOurs() throws IOException, InterruptedException {
        return Stream.of(jcmd("Thread.print").split("\n\\s*\n"))
                .flatMap(
                        thread -> thread
                                .lines()
                                .filter(line -> line.contains("at dev.tokentally."))
                                .reduce((inner, outer) -> outer)
                                .stream())
                .filter(line ->
                        !line.contains("at dev.tokentally.run.") && !line.contains("at dev.tokentally.it.Micro"))
                .toList();
    }

    /** The number of applications with a thread that takes records from the spool to the store. */
    public long drainers() throws IOException, InterruptedException {
        return jcmd("Thread.print")
                .lines()
                .filter(line -> line.startsWith("\"tokentally-drainer\""))
                .count();
    }

    /** The files of spools that the server has open, locks included. */
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

    /** The number of class loaders that have loaded the class, without those that only garbage still refers to. */
    public long loadedCopiesOf(String className) throws IOException, InterruptedException {
        // An object that a finalizer or a cleaner releases goes at the next collection.
        for (int i = 0; i < 3; i++) {
            jcmd("GC.run");
            Thread.sleep(200);
        }
        // This also counts loaders without an instance of the class, so the histogram is not enough.
        return jcmd("VM.class_hierarchy", className)
                .lines()
                .filter(line -> line.contains("--" + className + "/"))
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

    /** A system property of its JVM. */
    public String systemProperty(String name) throws IOException, InterruptedException {
        return jcmd("VM.system_properties")
                .lines()
                .filter(line -> line.startsWith(name + "="))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElse("");
    }

    /** The bytes of live objects on its heap, counted right after a full garbage collection, while nothing else runs. */
    public long liveHeap() throws IOException, InterruptedException {
        // The last line has the total: Total, instances, bytes.
        return jcmd("GC.class_histogram")
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns[0].equals("Total"))
                .mapToLong(columns -> Long.parseLong(columns[2]))
                .findFirst()
                .orElseThrow();
    }

    /** The bytes on its heap, garbage included. */
    public long usedHeap() throws IOException, InterruptedException {
        String[] lines =
                tool("jstat", "-gc", Long.toString(process.pid())).strip().split("\\R");
        List<String> names = List.of(lines[0].strip().split("\\s+"));
        String[] kibibytes = lines[1].strip().split("\\s+");
        return Stream.of("S0U", "S1U", "EU", "OU")
                .mapToLong(name -> (long) (Double.parseDouble(kibibytes[names.indexOf(name)]) * 1024))
                .sum();
    }

    /** The CPU time of all its threads since it started. */
    public Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** The bytes of the machine's memory that it has, now and at most since it started. */
    public long residentMemory() throws IOException {
        return status("VmRSS:");
    }

    public long peakResidentMemory() throws IOException {
        return status("VmHWM:");
    }

    private long status(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    private String jcmd(String... command) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(Long.toString(process.pid())));
        arguments.addAll(List.of(command));
        return tool("jcmd", arguments.toArray(String[]::new));
    }

    private static String tool(String name, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", name).toString()));
        command.addAll(List.of(arguments));
        Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (tool.waitFor() != 0) {
            throw new IOException(command + ": " + output);
        }
        return output;
    }
}
