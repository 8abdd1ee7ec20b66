package dev.tokentally.tracking;

import java.io.IOException;
import java.io.InputStream;

/** Makes an exception of a nested class whose outer class is missing, as in a jar that a shrinking tool has made. */
final class OuterClassLost {

    private OuterClassLost() {}

    static RuntimeException failure() throws ReflectiveOperationException {
        Class<?> type = new Loader().loadClass(Refused.class.getName());
        return (RuntimeException) type.getConstructor().newInstance();
    }

    /** Public, as its constructor is called by reflection. */
    public static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }

    private static final class Loader extends ClassLoader {

        Loader() {
            super(getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (!name.equals(Refused.class.getName())) {
                throw new ClassNotFoundException(name);
            }
            try (InputStream file = Refused.class.getResourceAsStream("OuterClassLost$Refused.class")) {
                byte[] bytes = file.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
