package dev.tokentally.scope;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.context.spi.CreationalContext;
import jakarta.enterprise.inject.AmbiguousResolutionException;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/** Asks the resolvers that an application has as beans, in the EJB module or in a WAR. */
@ApplicationScoped
class Resolvers {

    private final BeanManager ownBeans;
    private final ResolverBeans beans;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected Resolvers() {
        this(null, null);
    }

    @Inject
    Resolvers(BeanManager ownBeans, ResolverBeans beans) {
        this.ownBeans = ownBeans;
        this.beans = beans;
    }

    /** The answer of the application's resolver, or the other answer if the application has none. */
    <T, R> R ask(Class<T> type, Function<T, R> question, Supplier<R> otherwise) {
        Bean<?> resolver = resolver(type);
        if (resolver == null) {
            return otherwise.get();
        }
        CreationalContext<?> creation = ownBeans.createCreationalContext(resolver);
        try {
            return question.apply(type.cast(ownBeans.getReference(resolver, type, creation)));
        } finally {
            if (resolver.getScope() == Dependent.class) {
                creation.release();
            }
        }
    }

    /** If there are several, such as one in each WAR of an EAR, the one that the calling component sees is used. */
    private Bean<?> resolver(Class<?> type) {
        List<Bean<?>> all = beans.all(type);
        if (all.size() < 2) {
            return all.isEmpty() ? null : all.get(0);
        }
        BeanManager callers = beansOfTheCaller();
        Bean<?> seen = callers.resolve(callers.getBeans(type));
        if (seen == null) {
            throw new AmbiguousResolutionException("Several modules of the application have a " + type.getSimpleName()
                    + ", and the one that calls sees none of them: " + all);
        }
        return seen;
    }

    /** A thread of the application's own has no component. There only the beans that our own module sees are known. */
    private BeanManager beansOfTheCaller() {
        try {
            return InitialContext.doLookup("java:comp/BeanManager");
        } catch (NamingException noComponent) {
            return ownBeans;
        }
    }
}
