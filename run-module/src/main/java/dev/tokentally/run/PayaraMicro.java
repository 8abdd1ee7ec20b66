package dev.tokentally.run;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Payara Micro in a process of its own. Used by one thread, but for {@link #stop()}. */
public final class PayaraMicro {

    private static final Duration POLITE = Duration.ofSeconds(20);
    private static final int POLL_MILLIS = 250;

    private final Process process;
    private final Path log;

    private PayaraMicro(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts it; it is not ready yet.
     *
     * @param microJar the server
     * @param options its own command line options, such as {@code --port} and {@code --deploy}
     * @param environment what its environment has besides ours
     * @param temporary where it unpacks itself and what it deploys
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
                "-Djava.io.tmpdir=" + temporary,
                "-jar",
                microJar.toString(),
                "--nohazelcast"));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        return new PayaraMicro(process, log);
    }

    /**
     * Waits until an address answers as it should. That the log says ready is not enough: it also does when the
     * deployment failed.
     *
     * @param address what to ask
     * @param status the status that it then answers with
     * @param patience how long to wait
     * @throws IllegalStateException when it does not, with the end of the log; the server is stopped then
     * @throws InterruptedException when the thread is interrupted meanwhile
     */
    public void awaitAnswer(URI address, int status, Duration patience) throws InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request =
                HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build();
        long deadline = System.nanoTime() + patience.toNanos();
        String last = "no answer";
        while (process.isAlive() && System.nanoTime() < deadline) {
            try {
                int answered = client.send(request, BodyHandlers.discarding()).statusCode();
                if (answered == status) {
                    return;
                }
                last = "HTTP status " + answered;
            } catch (IOException notYet) {
                last = "no answer";
            }
            Thread.sleep(POLL_MILLIS);
        }
        String why = process.isAlive()
                ? "did not become ready within " + patience.toSeconds() + " s (" + last + ")"
                : "ended with exit code " + process.exitValue();
        stop();
        throw new IllegalStateException("Payara Micro " + why + ". The end of " + log + ":\n" + endOfLog());
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

    private String endOfLog() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
        } catch (IOException e) {
            return "(cannot be read: " + e.getMessage() + ")";
        }
    }
}
