package dev.tokentally.tracking;

import jakarta.annotation.PreDestroy;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;

/**
 * Has the calls recorded that are still open when the application stops, as long as recording runs. Public because servers
 * lose a package-private session bean.
 */
@Singleton
@Startup
@DependsOn("RecordingStartup")
@TransactionManagement(TransactionManagementType.BEAN)
public class TrackingStartup {

    @Inject
    CallTracker tracker;

    @PreDestroy
    void stop() {
        tracker.giveUpOpenCalls();
    }
}
