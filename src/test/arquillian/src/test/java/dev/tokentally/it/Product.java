package dev.tokentally.it;

import java.nio.file.Path;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.ArchivePath;
import org.jboss.shrinkwrap.api.Filters;
import org.jboss.shrinkwrap.api.GenericArchive;
import org.jboss.shrinkwrap.api.Node;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.container.LibraryContainer;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** What the build has made of the product: the very files that customers get. */
public final class Product {

    private Product() {}

    /** The product as this server takes it: the EAR or, on Payara Micro, the WAR; answers under {@code /tokentally}. */
    public static Archive<?> application() {
        return TestServer.current().takesEar()
                ? imported(EnterpriseArchive.class, "tokentally.ear")
                : imported(WebArchive.class, "tokentally.war");
    }

    /** The WAR with a configuration that names its data source. */
    public static WebArchive warOn(String jndiName) {
        return imported(WebArchive.class, "tokentally.war")
                .addAsResource(
                        new StringAsset("tokentally.datasource=" + jndiName + "\n"),
                        "META-INF/microprofile-config.properties");
    }

    /** The jar that a customer adds to an application. */
    public static JavaArchive ejbModule() {
        return imported(JavaArchive.class, "tokentally-ejb.jar");
    }

    /** Adds the libraries that the jar needs, as Maven would bring them. */
    public static <T extends Archive<T> & LibraryContainer<T>> T withLibraries(T archive) {
        EnterpriseArchive ear = imported(EnterpriseArchive.class, "tokentally.ear");
        for (Node library : ear.getContent(Filters.include("/lib/.*\\.jar")).values()) {
            ArchivePath path = library.getPath();
            archive.addAsLibrary(
                    library.getAsset(), path.get().substring(path.get().lastIndexOf('/') + 1));
        }
        return archive;
    }

    private static <T extends Archive<T>> T imported(Class<T> type, String fileName) {
        Path file = Settings.productDirectory().resolve(fileName);
        return ShrinkWrap.create(GenericArchive.class, fileName)
                .as(ZipImporter.class)
                .importFrom(file.toFile())
                .as(type);
    }
}
