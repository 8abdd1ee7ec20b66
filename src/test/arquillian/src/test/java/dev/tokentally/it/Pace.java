package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import jakarta.json.JsonObject;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jboss.shrinkwrap.api.Archive;

/** The customer's application that makes calls at a pace, and the number of calls that it has made for each caller. */
final class Pace {

    /** The pause of a call. Real calls wait too, only longer; meanwhile others use the processor and its caches. */
    static final Duration CALL = Duration.ofMillis(1);

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final String path;
    private final Map<String, Long> made = new HashMap<>();

    Pace(String name) {
        this.path = "/" + name + "/api/pace";
    }

    static Archive<?> application(String name, DataSources source, String mode) {
        return CustomerArchive.paced(
                name, Map.of("tokentally.datasource", source.jndiName(), "tokentally.recording.mode", mode));
    }

    /** The caller of a call. */
    enum Variant {
        RECORDED,
        UNRECORDED,
        /** A call that is not recorded, followed by a row that plain JDBC writes. */
        RAW;

        String tenant() {
            return "pace " + id();
        }

        private String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Makes calls, and waits until the recorded ones are stored. */
    Figures run(Variant variant, int threads, int callsOfEach, Duration wait) {
        return run(variant, threads, callsOfEach, wait, Duration.ofSeconds(30), true);
    }

    /** Makes calls for at most the given time. */
    Figures run(Variant variant, int threads, int callsOfEach, Duration wait, Duration atMost, boolean settle) {
        JsonObject answer = Corpus.json(Http.post(
                        path,
                        "variant",
                        variant.id(),
                        "threads",
                        threads,
                        "calls",
                        callsOfEach,
                        "wait",
                        wait.toNanos(),
                        "millis",
                        atMost.toMillis(),
                        "settle",
                        settle,
                        "tenant",
                        variant.tenant()))
                .asJsonObject();
        Figures figures = new Figures(
                answer.getJsonNumber("calls").longValue(),
                answer.getJsonNumber("took").doubleValue(),
                answer.getJsonNumber("p50").doubleValue(),
                answer.getJsonNumber("p99").doubleValue(),
                answer.getJsonNumber("thread_cpu").doubleValue(),
                answer.getJsonNumber("process_cpu").doubleValue());
        made.merge(variant.tenant(), variant == Variant.UNRECORDED ? 0 : figures.calls(), Long::sum);
        return figures;
    }

    /**
     * The measurements of some calls.
     *
     * @param took nanoseconds for all calls
     * @param p50 the median of the nanoseconds that a call took in addition to the model
     * @param p99 the same at the 99th percentile
     * @param threadCpu nanoseconds of the calling threads for each call
     * @param processCpu nanoseconds of all threads for each call
     */
    record Figures(long calls, double took, double p50, double p99, double threadCpu, double processCpu) {}

    boolean circuitIsOpen() {
        return status().getString("circuit").equals("open");
    }

    long waiting() {
        return status().getJsonNumber("waiting").longValue();
    }

    private JsonObject status() {
        return Corpus.json(Http.get(path)).asJsonObject();
    }

    void awaitStored() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while ((waiting() > 0 || circuitIsOpen()) && System.nanoTime() < deadline) {
            Thread.sleep(100);
        }
        assertThat(waiting()).isZero();
    }

    /** Checks that every call since the last time has one row, and then removes the rows. */
    void everyCallHasItsRow() throws InterruptedException {
        awaitStored();
        made.forEach((tenant, calls) -> assertThat(Long.parseLong(Http.get(path + "/rows", "tenant", tenant)))
                .as("rows of " + tenant)
                .isEqualTo(calls));
        made.clear();
        assertThat(Http.send(HttpRequest.newBuilder(TestServer.current().uri(path + "/rows"))
                                .DELETE())
                        .statusCode())
                .isEqualTo(204);
    }
}
