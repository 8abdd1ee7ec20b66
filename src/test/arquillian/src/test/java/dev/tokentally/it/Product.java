package dev.tokentally.it;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.ArchivePath;
import org.jboss.shrinkwrap.api.Filters;
import org.jboss.shrinkwrap.api.GenericArchive;
import org.jboss.shrinkwrap.api.Node;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.Asset;
import org.jboss.shrinkwrap.api.asset.ByteArrayAsset;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.container.LibraryContainer;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** The product's files from the build. They are the same files that customers get. */
public final class Product {

    private static final String CONFIG = "META-INF/microprofile-config.properties";

    private Product() {}

    /**
     * The product in the archive that this server takes: the EAR or, on Payara Micro, the WAR. It answers at {@code
     * /tokentally}.
     */
    public static Archive<?> application() {
        return TestServer.current().takesEar()
                ? imported(EnterpriseArchive.class, "tokentally.ear")
                : imported(WebArchive.class, "tokentally.war");
    }

    /** The WAR with another configuration that names its data source. */
    public static WebArchive warOn(String jndiName) {
        WebArchive war = imported(WebArchive.class, "tokentally.war");
        // Otherwise ShrinkWrap would export an exploded archive with the WAR's own configuration.
        war.delete("/WEB-INF/classes/" + CONFIG);
        return war.addAsResource(properties(Map.of("tokentally.datasource", jndiName)), CONFIG);
    }

    /**
     * The product under a context root of its own, with a configuration and with {@link LoaderServlet} in its WAR.
     *
     * @param name of the archive and the context root
     * @param config keys and values
     */
    public static Archive<?> loadable(String name, Map<String, String> config) {
        return configured(
                name, ShrinkWrap.create(JavaArchive.class, "config.jar").addAsResource(properties(config), CONFIG));
    }

    /**
     * Does the same with a configuration in a library of its own.
     *
     * @param name of the archive and the context root
     * @param config the library, with a properties file or with a class that supplies the values
     */
    public static Archive<?> configured(String name, JavaArchive config) {
        if (!TestServer.current().takesEar()) {
            WebArchive war = imported(WebArchive.class, "tokentally.war", name + ".war");
            // With this file it would answer at /tokentally, whatever the archive's name is.
            war.delete("/WEB-INF/glassfish-web.xml");
            return war.addClass(LoaderServlet.class).addAsLibrary(config);
        }
        EnterpriseArchive ear = imported(EnterpriseArchive.class, "tokentally.ear", name + ".ear");
        WebArchive war = ear.getAsType(WebArchive.class, "/tokentally-web.war").addClass(LoaderServlet.class);
        ear.delete("/tokentally-web.war");
        return ear.addAsModule(war).addAsLibrary(config).setApplicationXML(new StringAsset("""
                        <application xmlns="https://jakarta.ee/xml/ns/jakartaee" version="10">
                          <module><ejb>tokentally-ejb.jar</ejb></module>
                          <module><ejb>tokentally-langchain4j.jar</ejb></module>
                          <module><web><web-uri>tokentally-web.war</web-uri><context-root>/%s</context-root></web></module>
                        </application>
                        """.formatted(name)));
    }

    /** A configuration as a file. All characters of keys and values are escaped as needed. */
    public static Asset properties(Map<String, String> config) {
        Properties properties = new Properties();
        properties.putAll(config);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            properties.store(bytes, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ByteArrayAsset(bytes.toByteArray());
    }

    /** The jar that a customer adds to an application. */
    public static JavaArchive ejbModule() {
        return imported(JavaArchive.class, "tokentally-ejb.jar");
    }

    /** The jar that a customer adds to use LangChain4j. */
    public static JavaArchive langChain4jModule() {
        return imported(JavaArchive.class, "tokentally-langchain4j.jar");
    }

    /** The jars that a customer brings for LangChain4j's AI services and for its models of other vendors. */
    public static File[] langChain4j() {
        return Stream.of(
                        "langchain4j",
                        "langchain4j-anthropic",
                        "langchain4j-google-ai-gemini",
                        "langchain4j-mistral-ai")
                .map(Product::library)
                .toArray(File[]::new);
    }

    /** LangChain4j's models of Bedrock, with Amazon's SDK. */
    public static File[] bedrock() {
        return Stream.concat(Stream.of(library("langchain4j-bedrock")), Stream.of(jars("bedrock", file -> true)))
                .toArray(File[]::new);
    }

    /** EclipseLink, as a customer may bring it. */
    public static File[] eclipseLink() {
        return jars("providers", file -> file.startsWith("org.eclipse.persistence."));
    }

    /** Hibernate and its libraries. */
    public static File[] hibernate() {
        return jars("providers", file -> !file.startsWith("org.eclipse.persistence."));
    }

    private static File[] jars(String folder, Predicate<String> wanted) {
        try (Stream<Path> files = Files.list(Settings.serversDirectory().resolve(folder))) {
            return files.filter(file -> wanted.test(file.getFileName().toString()))
                    .map(Path::toFile)
                    .toArray(File[]::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static File library(String name) {
        return Settings.serversDirectory().resolve("libraries/" + name + ".jar").toFile();
    }

    /** Adds the libraries that both jars need, as Maven would bring them. */
    public static <T extends Archive<T> & LibraryContainer<T>> T withLibraries(T archive) {
        return withLibraries(archive, library -> true);
    }

    /** Adds the libraries that the EJB module alone needs. Without the others, a server deploys the archive faster. */
    public static <T extends Archive<T> & LibraryContainer<T>> T withEjbLibraries(T archive) {
        return withLibraries(archive, library -> !library.matches("(langchain4j|jtokkit|jspecify|slf4j).*"));
    }

    private static <T extends Archive<T> & LibraryContainer<T>> T withLibraries(T archive, Predicate<String> wanted) {
        EnterpriseArchive ear = imported(EnterpriseArchive.class, "tokentally.ear");
        // Our web module's configuration belongs only to our EAR.
        for (Node library : ear.getContent(Filters.include("/lib/(?!tokentally-web-).*\\.jar"))
                .values()) {
            ArchivePath path = library.getPath();
            String file = path.get().substring(path.get().lastIndexOf('/') + 1);
            if (wanted.test(file)) {
                archive.addAsLibrary(library.getAsset(), file);
            }
        }
        return archive;
    }

    private static <T extends Archive<T>> T imported(Class<T> type, String fileName) {
        return imported(type, fileName, fileName);
    }

    private static <T extends Archive<T>> T imported(Class<T> type, String fileName, String name) {
        Path file = Settings.productDirectory().resolve(fileName);
        return ShrinkWrap.create(GenericArchive.class, name)
                .as(ZipImporter.class)
                .importFrom(file.toFile())
                .as(type);
    }
}
