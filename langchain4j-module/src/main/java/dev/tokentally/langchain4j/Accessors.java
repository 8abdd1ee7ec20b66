package dev.tokentally.langchain4j;

import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;

/**
 * The public accessors of a class, looked up once. If a class lacks one, the look-up throws an exception, which costs more than
 * everything else that we do for a call.
 */
final class Accessors extends ClassValue<Map<String, Method>> {

    private static final Accessors ALL = new Accessors();

    private Accessors() {}

    /** Null if the class has none with that name. */
    static Method of(Object target, String name) {
        return ALL.get(target.getClass()).get(name);
    }

    @Override
    protected Map<String, Method> computeValue(Class<?> type) {
        Map<String, Method> accessors = new HashMap<>();
        try {
            for (Method method : type.getMethods()) {
                if (method.getParameterCount() == 0) {
                    accessors.merge(method.getName(), method, Accessors::moreSpecial);
                }
            }
        } catch (LinkageError ofAMissingLibrary) {
            return Map.of();
        }
        return Map.copyOf(accessors);
    }

    /** If a subclass returns a narrower type than its superclass, the class has both methods. */
    private static Method moreSpecial(Method one, Method other) {
        return one.getReturnType().isAssignableFrom(other.getReturnType()) ? other : one;
    }
}
