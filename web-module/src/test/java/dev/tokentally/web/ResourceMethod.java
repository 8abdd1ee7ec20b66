package dev.tokentally.web;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A method of a resource of this module, found in its classes. */
record ResourceMethod(Class<?> resource, Method method, String verb) {

    static List<ResourceMethod> all() {
        List<ResourceMethod> all = new ArrayList<>();
        for (Class<?> resource : resources()) {
            for (Method method : resource.getDeclaredMethods()) {
                for (Annotation annotation : method.getAnnotations()) {
                    HttpMethod verb = annotation.annotationType().getAnnotation(HttpMethod.class);
                    if (verb != null) {
                        all.add(new ResourceMethod(resource, method, verb.value()));
                    }
                }
            }
        }
        return all;
    }

    /** Such as {@code GET /api/v1/usage}. */
    String name(String start) {
        Path below = method.getAnnotation(Path.class);
        return verb + " " + start + "/" + resource.getAnnotation(Path.class).value()
                + (below == null ? "" : "/" + below.value());
    }

    boolean has(Class<? extends Annotation> annotation) {
        return resource.isAnnotationPresent(annotation) || method.isAnnotationPresent(annotation);
    }

    private static List<Class<?>> resources() {
        try {
            java.nio.file.Path classes = java.nio.file.Path.of(ApiApplication.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            try (Stream<java.nio.file.Path> files = Files.walk(classes)) {
                return files.map(file -> classes.relativize(file).toString())
                        .filter(file -> file.endsWith(".class"))
                        .<Class<?>>map(ResourceMethod::load)
                        .filter(type -> type.isAnnotationPresent(Path.class))
                        .toList();
            }
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Class<?> load(String file) {
        try {
            String name = file.substring(0, file.length() - ".class".length()).replaceAll("[/\\\\]", ".");
            return Class.forName(name, false, ApiApplication.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
