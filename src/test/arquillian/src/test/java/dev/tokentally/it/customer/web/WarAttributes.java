package dev.tokentally.it.customer.web;

import dev.tokentally.scope.CallAttributes;
import dev.tokentally.scope.CallAttributesResolver;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Supplier;

/** The attributes that the customer knows of its callers, from a bean in the WAR. */
@ApplicationScoped
public class WarAttributes implements CallAttributesResolver {

    private final ThreadLocal<Supplier<CallAttributes>> current = new ThreadLocal<>();

    @Override
    public CallAttributes currentAttributes() {
        return current.get() == null ? null : current.get().get();
    }

    public void set(Supplier<CallAttributes> attributes) {
        current.set(attributes);
    }

    public void clear() {
        current.remove();
    }
}
