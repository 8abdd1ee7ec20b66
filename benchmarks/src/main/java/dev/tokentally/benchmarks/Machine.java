package dev.tokentally.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The machine on which was measured, and the time, as far as the system knows them. */
final class Machine {

    private final String load = load();

    /** Describes the machine in a table. Call it after the load was measured. */
    String describe(Path repository) {
        StringBuilder table = new StringBuilder("| | |\n| --- | --- |\n");
        line(
                table,
                "date",
                LocalDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT))
                        + " UTC");
        commit(repository).ifPresent(commit -> line(table, "commit", commit));
        line(
                table,
                "processors",
                Runtime.getRuntime().availableProcessors()
                        + cpu().map(name -> " of " + name).orElse(""));
        memory().ifPresent(memory -> line(table, "memory", memory));
        line(table, "system", system() + " (" + System.getProperty("os.arch") + ")");
        line(table, "Java", System.getProperty("java.vm.name") + " " + Runtime.version());
        line(table, "load average when JMH began", load);
        return table.toString();
    }

    private static void line(StringBuilder table, String name, String value) {
        table.append("| ").append(name).append(" | ").append(value).append(" |\n");
    }

    private static String load() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return load < 0 ? "unknown" : String.format(Locale.ROOT, "%.1f", load);
    }

    private static Optional<String> cpu() {
        return value(Path.of("/proc/cpuinfo"), "model name", ":");
    }

    private static Optional<String> memory() {
        return value(Path.of("/proc/meminfo"), "MemTotal", ":")
                .map(total -> Math.round(Long.parseLong(total.replaceAll("\\D", "")) / 1024.0 / 1024.0) + " GiB");
    }

    private static String system() {
        return value(Path.of("/etc/os-release"), "PRETTY_NAME", "=")
                        .map(name -> name.replace("\"", "") + ", ")
                        .orElse("")
                + System.getProperty("os.name") + " " + System.getProperty("os.version");
    }

    private static Optional<String> value(Path file, String name, String separator) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(name) && line.contains(separator))
                    .map(line -> line.substring(line.indexOf(separator) + 1).strip())
                    .findFirst();
        } catch (IOException notOnThisSystem) {
            return Optional.empty();
        }
    }

    /** The commit; empty without git, or if this is not a clone. */
    private static Optional<String> commit(Path repository) {
        return git(repository, "rev-parse", "--short=10", "HEAD").map(commit -> {
            // A change in docs does not count: the table itself is written there, and it does not change what was
            // measured.
            boolean changed = git(repository, "status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
                    .filter(status -> !status.isEmpty())
                    .isPresent();
            return "`" + commit + "`" + (changed ? " with changes that were not committed" : "");
        });
    }

    private static Optional<String> git(Path repository, String... arguments) {
        try {
            Process git = new ProcessBuilder(Stream.concat(Stream.of("git"), Arrays.stream(arguments))
                            .toList())
                    .directory(repository.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0 ? Optional.of(answer) : Optional.empty();
        } catch (IOException noGit) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
