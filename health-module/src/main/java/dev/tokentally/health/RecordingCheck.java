package dev.tokentally.health;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Tells in its data what recording is doing. Always UP, as calls are answered whatever becomes of their records: an
 * outage of the store must not take the application out of the load balancer.
 *
 * <p>Dependent, so that servers hold the check itself and not a proxy of it: Payara Server keeps the check of an application
 * whose deployment failed, where a proxy throws, and then answers 500 for the health of the whole server.
 */
@Readiness
@Dependent
class RecordingCheck implements HealthCheck {

    private static final String STORE = "store";

    private final HealthBoard board;

    @Inject
    RecordingCheck(HealthBoard board) {
        this.board = board;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("tokentally-recording").up();
        try {
            board.report().ifPresentOrElse(report -> tell(report, response), () -> response.withData(STORE, "unknown"));
        } catch (RuntimeException | Error fault) {
            // A server takes a check that throws for DOWN. The board is a proxy, which throws when its application is
            // gone.
            response.withData(STORE, "unknown")
                    .withData("fault", fault.getClass().getName());
        }
        return response.build();
    }

    private static void tell(RecordingReport report, HealthCheckResponseBuilder response) {
        response.withData("application", report.application())
                .withData("node", report.node())
                .withData(STORE, report.storeUp() ? "up" : "down")
                .withData("waiting", report.waiting())
                .withData("oldest_age_seconds", report.oldestAgeSeconds())
                .withData("rejected", report.rejected())
                .withData("dropped", report.dropped())
                .withData("without_scope", report.withoutScope())
                .withData("damaged", report.damaged());
    }
}
