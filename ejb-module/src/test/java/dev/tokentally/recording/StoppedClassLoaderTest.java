package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import java.io.File;
import java.lang.reflect.Constructor;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("After the server has stopped the class loader before the application,")
class StoppedClassLoaderTest {

    @TempDir
    Path directory;

    @Test
    @DisplayName("no record is lost, even on code paths that no record took before")
    void loadedAhead() throws Exception {
        try (Stoppable loader = new Stoppable()) {
            Callable<?> calls = calls(loader, true);
            loader.stop();

            assertThat(calls.call()).asString().startsWith("2 waited, 4 stored, 0 dropped");
        }
        try (Spool next = Spool.open(new SpoolOptions(directory, 1 << 24, false))) {
            assertThat(next.waiting()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("these code paths fail if their classes were not loaded ahead")
    void notLoadedAhead() throws Exception {
        try (Stoppable loader = new Stoppable()) {
            Callable<?> calls = calls(loader, false);
            loader.stop();

            assertThatThrownBy(calls::call).hasMessageContaining("is stopped");
        }
    }

    private Callable<?> calls(ClassLoader loader, boolean loadsAhead) throws ReflectiveOperationException {
        Constructor<?> constructor =
                loader.loadClass(LateCalls.class.getName()).getDeclaredConstructor(Path.class, boolean.class);
        constructor.setAccessible(true);
        return (Callable<?>) constructor.newInstance(directory, loadsAhead);
    }

    /** It has the whole class path, and answers like Payara's WebappClassLoader. */
    private static final class Stoppable extends URLClassLoader {

        private volatile boolean stopped;

        Stoppable() {
            super(classPath(), ClassLoader.getPlatformClassLoader());
        }

        void stop() {
            stopped = true;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (stopped) {
                throw new IllegalStateException("The class loader is stopped and was asked for " + name);
            }
            return super.loadClass(name, resolve);
        }

        private static URL[] classPath() {
            return Stream.of(System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator)))
                    .map(Stoppable::url)
                    .toArray(URL[]::new);
        }

        private static URL url(String entry) {
            try {
                return Path.of(entry).toUri().toURL();
            } catch (MalformedURLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
