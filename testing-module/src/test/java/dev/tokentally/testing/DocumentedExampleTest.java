package dev.tokentally.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles the example of docs/testing.md and runs it, with the libraries that the README and that page name and with those of
 * {@code tokentally-testing}.
 */
@DisplayName("The example of docs/testing.md")
class DocumentedExampleTest {

    private static final Path ROOT = Path.of("..");

    /** The name of a file is on a line before its block. */
    private static final Pattern FILE = Pattern.compile("(?ms)^`src/([^`\\n]+)`\\n```java\\n(.*?)^```$");

    /** The group of a dependency that {@code tokentally-testing} does not bring, and where its jars and those it needs are. */
    private static final Map<String, String> NOT_BROUGHT = Map.of(
            "jakarta.platform", "/jakarta/",
            "org.eclipse.microprofile", "/org/eclipse/microprofile/",
            "org.junit.jupiter", "/org/junit/");

    @TempDir
    private Path folder;

    @Test
    @DisplayName("compiles and passes with the dependencies that a reader has been told to add")
    void passes() throws Exception {
        String page = Files.readString(ROOT.resolve("docs/testing.md"));
        String readme = Files.readString(ROOT.resolve("README.md"));
        Map<String, String> files = files(page);
        assertThat(files).hasSize(2);

        compile(files, classPath(page + readme));

        List<Path> classPath = new ArrayList<>(classPath(page + readme));
        classPath.add(folder);
        try (URLClassLoader loader = new URLClassLoader(urls(classPath), ClassLoader.getPlatformClassLoader())) {
            Class<?> test = loader.loadClass("com.example.BriefsTest");
            Constructor<?> constructor = test.getDeclaredConstructor();
            constructor.setAccessible(true);
            for (Method method : test.getDeclaredMethods()) {
                if (Stream.of(method.getAnnotations())
                        .anyMatch(annotation ->
                                annotation.annotationType().getName().equals("org.junit.jupiter.api.Test"))) {
                    method.setAccessible(true);
                    method.invoke(constructor.newInstance());
                }
            }
        }
    }

    private static Map<String, String> files(String page) {
        return FILE.matcher(page)
                .results()
                .collect(Collectors.toMap(
                        file -> file.group(1).replaceFirst(".*/", ""),
                        file -> file.group(2),
                        (one, other) -> one,
                        LinkedHashMap::new));
    }

    private void compile(Map<String, String> files, List<Path> classPath) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "-proc:none",
                "-d",
                folder.toString(),
                "-cp",
                classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator))));
        for (Map.Entry<String, String> file : files.entrySet()) {
            arguments.add(Files.writeString(folder.resolve(file.getKey()), file.getValue())
                    .toString());
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .as("the compiler's exit code; its messages are in this test's output")
                .isZero();
    }

    /** This test's own class path, without what a reader does not have. */
    private static List<Path> classPath(String documents) {
        List<String> missing = NOT_BROUGHT.entrySet().stream()
                .filter(group -> !documents.contains("<groupId>" + group.getKey() + "</groupId>"))
                .map(Map.Entry::getValue)
                .toList();
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> missing.stream().noneMatch(group -> entry.replace(File.separatorChar, '/')
                        .contains(group)))
                .map(Path::of)
                .toList();
    }

    private static URL[] urls(List<Path> paths) throws MalformedURLException {
        URL[] urls = new URL[paths.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = paths.get(i).toUri().toURL();
        }
        return urls;
    }
}
