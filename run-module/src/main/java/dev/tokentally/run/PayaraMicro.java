package dev.tokentally.run;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Payara Micro in a process of its own, which ends with ours. Used by one thread, but for {@link #stop()}. */
public final class PayaraMicro {

    private static final Duration POLITE = Duration.ofSeconds(20);
    private static final int POLL_MILLIS = 250;
    /** So many may come from a server that is ready: five seconds, which a busy machine may take for the last step. */
    private static final int WRONG_ANSWERS = 20;
    /** Said at the end of the start, whether or not the deployment worked. */
    private static final String STARTED = " ready in ";

    private static final Pattern CAUSE = Pattern.compile("^Caused by: ");
    private static final Pattern WARNING = Pattern.compile("WARN|SEVERE|Exception");
    private static final int END_OF_LOG = 30;
    private static final Pattern FAILED_COMMAND = Pattern.compile("Boot Command \\S+ failed[^\n]*");

    private final Process process;
    private final Path log;
    private final int logBefore;

    private PayaraMicro(Process process, Path log, int logBefore) {
        this.process = process;
        this.log = log;
        this.logBefore = logBefore;
    }

    /**
     * Starts it; it is not ready yet.
     *
     * @param microJar the server
     * @param options its own command line options, such as {@code --port} and {@code --deploy}
     * @param environment what its environment has besides ours
     * @param temporary where it works, and unpacks itself and what it deploys: paths that options hold are relative to it
     * @param log where its output goes; what is there is kept
     * @return the running server
     * @throws IOException when the process cannot be started
     */
    public static PayaraMicro start(
            Path microJar, List<String> options, Map<String, String> environment, Path temporary, Path log)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Djava.io.tmpdir=" + temporary.toAbsolutePath(),
                EndsWithParent.optionFor(temporary),
                "-jar",
                microJar.toAbsolutePath().toString(),
                "--nohazelcast"));
        command.addAll(options);
        int logBefore = Files.exists(log) ? Math.toIntExact(Files.size(log)) : 0;
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(temporary.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return new PayaraMicro(builder.start(), log, logBefore);
    }

    /**
     * Waits until an address answers as it should. That the log says ready is not enough: it also does when the
     * deployment failed. Nor is the answer: a boot command that fails is only logged, and the server then runs with
     * defaults, such as a database in its temporary folder.
     *
     * @param address what to ask
     * @param status the status that it then answers with
     * @param patience how long to wait
     * @throws IllegalStateException when it does not, or when a boot command failed, with what its log
     *     says; the server is stopped then
     * @throws InterruptedException when the thread is interrupted meanwhile
     */
    public void awaitAnswer(URI address, int status, Duration patience) throws InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request =
                HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build();
        long deadline = System.nanoTime() + patience.toNanos();
        String last = "no answer";
        int wrongAnswers = 0;
        while (process.isAlive() && System.nanoTime() < deadline) {
            boolean started = logOfThisStart().contains(STARTED);
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
        Matcher failed = FAILED_COMMAND.matcher(logOfThisStart());
        if (failed.find()) {
            throw failure("refused what it was told at its start: " + failed.group());
        }
    }

    private IllegalStateException failure(String why) {
        stop();
        return new IllegalStateException("Payara Micro " + why + ". From " + log + ":\n" + whatMatters());
    }

    /**
     * A failed deployment ends in pages of stack traces and a banner: its causes are lines of their own in between, and where
     * there are none, it has left a warning.
     */
    private String whatMatters() {
        List<String> lines = logLines();
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
     * @throws InterruptedException when the thread is interrupted meanwhile
     */
    public int waitFor() throws InterruptedException {
        return process.waitFor();
    }

    /** Waits until the process ends, for a while; answers whether it has ended. */
    boolean endsWithin(Duration patience) throws InterruptedException {
        return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What it has logged since it was started. */
    List<String> logLines() {
        return logOfThisStart().lines().toList();
    }

    /**
     * The process that it runs in.
     *
     * @return the process
     */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Ends it: politely first, and by force when it does not listen. Does nothing when it has ended. */
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

    /** Ends it at once, as a crash would. */
    public void kill() {
        process.destroyForcibly();
    }

    private String logOfThisStart() {
        try {
            byte[] all = Files.readAllBytes(log);
            return new String(all, logBefore, all.length - logBefore, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(cannot be read: " + e.getMessage() + ")";
        }
    }
}
