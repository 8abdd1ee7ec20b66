package dev.tokentally.run;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Payara Micro in a process of its own, which ends together with this process. Only one thread may use it, except for
 * {@link #stop()}.
 */
public final class PayaraMicro {

    private static final Duration POLITE = Duration.ofSeconds(20);
    private static final int POLL_MILLIS = 100;
    /**
     * How many wrong answers a ready server may give. They take five seconds, which a busy machine may need for the
     * last step.
     */
    private static final int WRONG_ANSWERS = 20;
    /** The server logs this at the end of its start, even if the deployment failed. */
    private static final String STARTED = " ready in ";

    private static final Pattern CAUSE = Pattern.compile("^Caused by: ");
    private static final Pattern WARNING = Pattern.compile("WARN|SEVERE|Exception");
    private static final int END_OF_LOG = 30;
    private static final Pattern FAILED_COMMAND = Pattern.compile("Boot Command \\S+ failed.*");

    private final Process process;
    private final Path log;
    private final LogTail tail;
    /** The lines of the log since the start that nobody has taken yet. */
    private final List<String> lines = new ArrayList<>();

    private PayaraMicro(Process process, Path log, LogTail tail) {
        this.process = process;
        this.log = log;
        this.tail = tail;
    }

    /**
     * Starts the server without waiting until it is ready.
     *
     * @param microJar the server's jar
     * @param options the server's command line options, such as {@code --port} and {@code --deploy}
     * @param environment the variables that are added to this process's environment
     * @param temporary the working directory, into which the server unpacks itself and its applications; paths in the
     *     options are relative to it
     * @param log the file to which its output is appended
     * @return the running server
     * @throws IOException when the process cannot be started
     */
    public static PayaraMicro start(
            Path microJar, List<String> options, Map<String, String> environment, Path temporary, Path log)
            throws IOException {
        return start(List.of(), microJar, options, environment, temporary, log);
    }

    /**
     * Does the same with options of the JVM.
     *
     * @param jvmOptions the options, which come after those that every server gets, such as its heap
     * @param microJar the server's jar
     * @param options the server's command line options
     * @param environment the variables that are added to this process's environment
     * @param temporary the working directory
     * @param log the file to which its output is appended
     * @return the running server
     * @throws IOException when the process cannot be started
     */
    public static PayaraMicro start(
            List<String> jvmOptions,
            Path microJar,
            List<String> options,
            Map<String, String> environment,
            Path temporary,
            Path log)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Djava.io.tmpdir=" + temporary.toAbsolutePath(),
                EndsWithParent.optionFor(temporary)));
        command.addAll(jvmOptions);
        command.addAll(List.of("-jar", microJar.toAbsolutePath().toString(), "--nohazelcast"));
        command.addAll(options);
        LogTail tail = LogTail.of(log);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(temporary.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return new PayaraMicro(builder.start(), log, tail);
    }

    /**
     * Waits until an address answers with the expected status. The word "ready" in the log is not enough, since the log
     * has it even if the deployment failed. The answer is not enough either: if a boot command fails, the server only
     * logs that and runs with defaults, such as a database in its temporary folder.
     *
     * @param address the address
     * @param status the expected status
     * @param patience how long to wait
     * @throws IllegalStateException when the address does not answer in time or a boot command failed; the message
     *     quotes the log, and the server has been stopped
     * @throws InterruptedException when the thread is interrupted while it waits
     */
    public void awaitAnswer(URI address, int status, Duration patience) throws InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request =
                HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build();
        long deadline = System.nanoTime() + patience.toNanos();
        String last = "no answer";
        int wrongAnswers = 0;
        while (process.isAlive() && System.nanoTime() < deadline) {
            readLog();
            boolean started = lines.stream().anyMatch(line -> line.contains(STARTED));
            try {
                int answered = client.send(request, BodyHandlers.discarding()).statusCode();
                if (answered == status) {
                    refuseFailedCommands();
                    return;
                }
                last = "HTTP status " + answered;
                if (started && ++wrongAnswers > WRONG_ANSWERS) {
                    throw failure("has started, but what it should run has not (" + last + ")");
                }
            } catch (IOException notYet) {
                last = "no answer";
            }
            Thread.sleep(POLL_MILLIS);
        }
        String why = process.isAlive()
                ? "did not become ready within " + patience.toSeconds() + " s (" + last + ")"
                : "ended with exit code " + process.exitValue();
        throw failure(why);
    }

    private void refuseFailedCommands() {
        readLog();
        for (String line : lines) {
            Matcher failed = FAILED_COMMAND.matcher(line);
            if (failed.find()) {
                throw failure("refused a command at its start: " + failed.group());
            }
        }
    }

    private IllegalStateException failure(String why) {
        stop();
        return new IllegalStateException("Payara Micro " + why + ". From " + log + ":\n" + whatMatters());
    }

    /**
     * The lines of the log that explain a failed deployment. The log ends with pages of stack traces and a banner, with
     * the causes on lines of their own in between. If there are no such lines, there is a warning.
     */
    private String whatMatters() {
        readLog();
        List<String> from = Stream.of(CAUSE, WARNING)
                .map(pattern -> lines.stream()
                        .filter(line -> pattern.matcher(line).find())
                        .distinct()
                        .toList())
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElse(lines);
        return String.join("\n", from.subList(Math.max(0, from.size() - END_OF_LOG), from.size()));
    }

    /**
     * Waits until the process ends.
     *
     * @return its exit code
     * @throws InterruptedException when the thread is interrupted while it waits
     */
    public int waitFor() throws InterruptedException {
        return process.waitFor();
    }

    /** Waits for the end of the process, but no longer than the given time. Returns whether it has ended. */
    boolean endsWithin(Duration patience) throws InterruptedException {
        return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The lines that the log has got since this was last asked; the first time those since the start. */
    List<String> newLogLines() {
        readLog();
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }

    /**
     * The server's process.
     *
     * @return the process
     */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Asks the server to stop, and kills it if it does not. Does nothing if it has ended already. */
    public void stop() {
        process.destroy();
        try {
            if (!process.waitFor(POLITE.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
    }

    /** Ends the server immediately, as a crash would. */
    public void kill() {
        process.destroyForcibly();
    }

    private void readLog() {
        try {
            lines.addAll(tail.newLines(process.isAlive()));
        } catch (IOException e) {
            String why = "(the log cannot be read: " + e.getMessage() + ")";
            if (!lines.contains(why)) {
                lines.add(why);
            }
        }
    }
}
