package dev.tokentally.langchain4j;

import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;

/**
 * The public methods without parameters of a class, looked up once. Java throws an exception when a class lacks a method that is
 * looked up, which costs more than everything else that we do for a call.
 */
final class Accessors extends ClassValue<Map<String, Method>> {

    private static final Accessors ALL = new Accessors();

    private Accessors() {}

    /** Returns null if the class has no such method with that name. */
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
