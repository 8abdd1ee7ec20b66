package dev.tokentally.recording;

import dev.tokentally.config.JarClasses;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.inject.Inject;

/**
 * Starts recording with the application, after the store was checked. It also connects the health check, tells the other nodes, and
 * stops everything at the end. Public because servers lose a package-private session bean.
 */
@Singleton
@Startup
@DependsOn("PersistenceStartup")
@TransactionManagement(TransactionManagementType.BEAN)
public class RecordingStartup {

    @Inject
    SpooledRecorder recorder;

    @Inject
    RecordingHealth health;

    @Inject
    Heartbeat heartbeat;

    @Inject
    Erasures erasures;

    @Inject
    Nodes nodes;

    @Resource
    ManagedThreadFactory threads;

    @PostConstruct
    void start() {
        JarClasses.loadSoon(RecordingStartup.class, threads);
        recorder.start(threads);
        erasures.start(threads);
        heartbeat.start(threads);
        nodes.start(threads);
        health.start();
    }

    @PreDestroy
    void stop() {
        health.stop();
        recorder.stop();
        heartbeat.stop();
        erasures.stop();
        nodes.stop();
    }
}
