package dev.tokentally.langchain4j;

import dev.tokentally.text.QuietLog;
import jakarta.enterprise.context.spi.CreationalContext;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.enterprise.inject.spi.Producer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** Makes what the application's producer makes, and checks the first object. */
final class WatchedProducer<T> implements Producer<T> {

    private static final Logger LOG = QuietLog.of(WatchedProducer.class);

    private final Producer<T> producer;
    private final ModelMaker maker;
    private final Class<?> declaring;
    private final ModelBeans beans;
    private final AtomicBoolean looked = new AtomicBoolean();

    /**
     * Around the application's producer.
     *
     * @param declaring the class that has the producer method or field
     */
    WatchedProducer(Producer<T> producer, ModelMaker maker, Class<?> declaring, ModelBeans beans) {
        this.producer = producer;
        this.maker = maker;
        this.declaring = declaring;
        this.beans = beans;
    }

    @Override
    public T produce(CreationalContext<T> context) {
        T model = producer.produce(context);
        if (model != null && !looked.get() && looked.compareAndSet(false, true)) {
            look(model);
        }
        return model;
    }

    /** A failure of the check must not reach the application. */
    private void look(Object model) {
        try {
            if (Listened.isUnlistened(model)
                    && beans.ports()
                            .map(ports -> !ports.ask(maker)
                                    && !ports.mayBeRecorded(model, ports.injectedInto(producer, declaring)))
                            .orElse(false)) {
                LOG.log(Level.WARNING, maker.unrecorded());
            }
        } catch (RuntimeException | LinkageError notTold) {
            LOG.log(Level.DEBUG, "It could not be checked whether a model has a listener", notTold);
        }
    }

    @Override
    public void dispose(T model) {
        producer.dispose(model);
    }

    @Override
    public Set<InjectionPoint> getInjectionPoints() {
        return producer.getInjectionPoints();
    }
}
