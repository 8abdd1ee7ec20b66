package dev.tokentally.tracking;

import dev.tokentally.scope.ApplicationBeans;
import dev.tokentally.text.QuietLog;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells at start which parts of the application will have no records. When the application stops, it records the calls that are
 * still open, as long as recording runs. Public because servers lose a package-private session bean.
 */
@Singleton
@Startup
@DependsOn("RecordingStartup")
@TransactionManagement(TransactionManagementType.BEAN)
public class TrackingStartup {

    private static final Logger LOG = QuietLog.of(TrackingStartup.class);

    @Inject
    CallTracker tracker;

    @Inject
    ApplicationBeans beans;

    @PostConstruct
    void start() {
        try {
            List<WiredBean> wired = WiredBean.of(beans);
            Stream.of(new WrongWiring(wired).lines(), new WrongOperations(wired).lines())
                    .flatMap(List::stream)
                    .forEach(line -> LOG.log(Level.WARNING, line));
        } catch (RuntimeException | LinkageError notTold) {
            LOG.log(
                    Level.WARNING,
                    "The application starts without the check whether all calls are recorded, which failed: "
                            + notTold.getClass().getName());
        }
    }

    @PreDestroy
    void stop() {
        tracker.giveUpOpenCalls();
    }
}
