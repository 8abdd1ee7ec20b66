package dev.tokentally.config;

import dev.tokentally.text.QuietLog;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Loads the classes of a jar before they are used, and the classes that these name, also those of the JDK.
 *
 * <p>Payara Micro may stop the class loader of a WAR while calls are under way in it. From then on the loader can load no more
 * classes. So a record would be lost if it needed a class that was not used before, such as the first record that goes to the
 * spool.
 */
public final class JarClasses {

    private static final Logger LOG = QuietLog.of(JarClasses.class);

    private static final int MAGIC = 0xCAFEBABE;

    /** A class in the descriptor of a field or a method. */
    private static final Pattern DESCRIBED = Pattern.compile("L([\\w$/]+);");

    private JarClasses() {}

    /**
     * Loads the classes on a thread of its own, so that the start of the application does not wait. If there is no thread, the
     * caller loads them.
     *
     * @param any a class of the jar; not null
     * @param threads makes the thread; not null
     */
    public static void loadSoon(Class<?> any, ThreadFactory threads) {
        try {
            Thread thread = threads.newThread(() -> load(any));
            thread.setName("tokentally-classes");
            thread.start();
        } catch (RuntimeException | Error noThread) {
            load(any);
        }
    }

    /**
     * Loads the classes of a jar or of a directory, without initialising them. A class that is missing, such as one of another server,
     * is left out. Never throws. May be called by any thread.
     *
     * @param any a class of the jar; not null. Its class loader loads the others
     */
    public static void load(Class<?> any) {
        try {
            Path source = sourceOf(any);
            if (source == null) {
                return;
            }
            Set<String> names = new HashSet<>();
            if (Files.isDirectory(source)) {
                addNames(source, names);
            } else {
                try (FileSystem jar = FileSystems.newFileSystem(source)) {
                    addNames(jar.getPath("/"), names);
                }
            }
            names.forEach(name -> load(name, any.getClassLoader()));
        } catch (IOException | RuntimeException | LinkageError notRead) {
            // The application works without this, as long as the server does not stop the class loader early.
            LOG.log(Level.DEBUG, "The classes of " + any.getName() + "'s jar were not loaded ahead", notRead);
        }
    }

    /** Null if the jar is not a file: WildFly has a file system of its own, and does not stop its class loaders early. */
    private static Path sourceOf(Class<?> any) {
        CodeSource code = any.getProtectionDomain().getCodeSource();
        URL url = code == null ? null : code.getLocation();
        if (url == null || !url.getProtocol().equals("file")) {
            return null;
        }
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException notAsUri) {
            return Path.of(url.getPath());
        }
    }

    private static void addNames(Path root, Set<String> names) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            files.filter(file -> file.toString().endsWith(".class")).forEach(file -> addNamesIn(file, names));
        }
    }

    private static void addNamesIn(Path file, Set<String> names) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            addNames(in, names);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the table of constants of a class file, as chapter 4.4 of the Java Virtual Machine Specification describes it. */
    private static void addNames(DataInputStream in, Set<String> names) throws IOException {
        if (in.readInt() != MAGIC) {
            return;
        }
        in.skipNBytes(4);
        int count = in.readUnsignedShort();
        Map<Integer, String> texts = new HashMap<>();
        Set<Integer> classes = new HashSet<>();
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case 1 -> texts.put(i, in.readUTF());
                case 7 -> classes.add(in.readUnsignedShort());
                case 8, 16, 19, 20 -> in.skipNBytes(2);
                case 15 -> in.skipNBytes(3);
                case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
                case 5, 6 -> {
                    in.skipNBytes(8);
                    // Such a constant takes two places of the table.
                    i++;
                }
                default -> throw new IOException("a constant of the unknown kind " + tag);
            }
        }
        texts.forEach((place, text) -> {
            Matcher described = DESCRIBED.matcher(text);
            while (described.find()) {
                names.add(described.group(1).replace('/', '.'));
            }
            if (classes.contains(place) && !text.startsWith("[")) {
                names.add(text.replace('/', '.'));
            }
        });
    }

    private static void load(String name, ClassLoader loader) {
        try {
            Class.forName(name, false, loader);
        } catch (ClassNotFoundException | LinkageError | RuntimeException missing) {
            LOG.log(Level.TRACE, "Not loaded ahead: " + name, missing);
        }
    }
}
