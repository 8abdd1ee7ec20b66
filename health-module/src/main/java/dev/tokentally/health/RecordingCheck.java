package dev.tokentally.health;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Shows the state of recording in its data. It is always UP: calls are answered whatever happens to their records, so
 * an outage of the store must not take the application out of the load balancer.
 *
 * <p>Its scope is Dependent, so that servers hold the check itself and not a proxy. Payara Server keeps the check of an
 * application whose deployment failed. A proxy would then throw, and the health of the whole server would be answered
 * with 500.
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
            // A server reports DOWN for a check that throws. The board is a proxy, and it throws when its application
            // is gone.
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
