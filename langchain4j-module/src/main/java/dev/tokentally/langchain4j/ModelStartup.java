package dev.tokentally.langchain4j;

import dev.tokentally.config.JarClasses;
import dev.tokentally.text.QuietLog;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.inject.literal.NamedLiteral;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;

/**
 * Gives the module the server's threads, and stops waiting for models when the application ends. It is a session bean, since Payara
 * refuses an EJB module of an EAR without one. Public because servers lose a package-private one.
 */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
public class ModelStartup {

    private static final Logger LOG = QuietLog.of(ModelStartup.class);

    @Inject
    ModelThreads models;

    @Inject
    ModelBeans beans;

    @Resource
    ManagedThreadFactory threads;

    @PostConstruct
    void start() {
        JarClasses.loadSoon(ModelStartup.class, threads);
        models.start(threads);
        tellOfUnrecordedModels();
    }

    private void tellOfUnrecordedModels() {
        try {
            Set<String> names = PluginSettings.names();
            PluginSettings.unread(names).forEach(wrong -> LOG.log(Level.WARNING, wrong));
            beans.ports().ifPresent(ports -> PluginSettings.withoutListeners(
                            names,
                            PluginSettings::value,
                            (model, type) -> ports.ask(new ModelMaker(model, type, Set.of(NamedLiteral.of(model)))),
                            ports::mayListen)
                    .forEach(wrong -> LOG.log(Level.WARNING, wrong)));
            beans.ports().ifPresent(ports -> ports.unheardClasses().forEach(wrong -> LOG.log(Level.WARNING, wrong)));
        } catch (RuntimeException | LinkageError notTold) {
            LOG.log(
                    Level.WARNING,
                    "The application starts without the check whether all models are recorded, which failed: "
                            + notTold.getClass().getName());
        }
    }

    @PreDestroy
    void stop() {
        models.stop();
    }
}
