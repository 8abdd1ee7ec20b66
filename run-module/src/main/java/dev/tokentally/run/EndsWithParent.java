package dev.tokentally.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * A Java agent that ends its process when the process that started it has ended. This works also if that process was
 * killed, since the operating system then closes the pipe to our standard input. Payara Micro needs {@code java -jar},
 * because its manifest opens packages; so an agent is the only way to add code.
 */
public final class EndsWithParent {

    private static final String JAR = "ends-with-parent.jar";
    private static final long POLITE_MILLIS = 20_000;

    private EndsWithParent() {}

    /**
     * The Java virtual machine calls this before the server's own main method.
     *
     * @param options none
     */
    public static void premain(String options) {
        daemon("the parent is watched", EndsWithParent::watch);
    }

    /**
     * Creates the agent's jar.
     *
     * @return the option for a process that works in that folder; it has the file's name only, since the JVM cuts a
     *     path at the first "="
     */
    static String optionFor(Path folder) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", EndsWithParent.class.getName());
        String name = EndsWithParent.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(folder.resolve(JAR)), manifest);
                InputStream code = EndsWithParent.class.getResourceAsStream("/" + name)) {
            jar.putNextEntry(new JarEntry(name));
            code.transferTo(jar);
        }
        return "-javaagent:" + JAR;
    }

    private static void watch() {
        try {
            while (System.in.read() >= 0) {
                // Nobody writes to this pipe; only its end matters.
            }
        } catch (IOException e) {
            // This is the end too.
        }
        daemon("the server is ended by force", EndsWithParent::halt);
        System.exit(1);
    }

    private static void halt() {
        try {
            Thread.sleep(POLITE_MILLIS);
        } catch (InterruptedException e) {
            // Then the process ends immediately.
        }
        Runtime.getRuntime().halt(1);
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
