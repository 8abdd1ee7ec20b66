package dev.tokentally.recording;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;

/** Proves at start what the server does about retries. Public because servers lose a package-private session bean. */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
public class RecordingStartup {

    @Inject
    UsageRecorder recorder;

    @PostConstruct
    void start() {
        recorder.proveRetry();
    }
}
