package dev.tokentally.it.smoke;

import dev.tokentally.it.TestServer;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.EmptyAsset;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** The smoke application in the packaging that the server of this run takes. Its context root is its name. */
final class SmokeArchive {
    private SmokeArchive() {}

    static Archive<?> named(String name) {
        WebArchive war = ShrinkWrap.create(WebArchive.class, name + ".war")
                .addClasses(SmokeApplication.class, SmokeResource.class)
                .addAsWebInfResource(EmptyAsset.INSTANCE, "beans.xml");
        if (!TestServer.current().takesEar()) {
            return war.addClass(RowStore.class);
        }
        JavaArchive ejb = ShrinkWrap.create(JavaArchive.class, name + "-ejb.jar")
                .addClass(RowStore.class)
                .addAsManifestResource(EmptyAsset.INSTANCE, "beans.xml");
        return ShrinkWrap.create(EnterpriseArchive.class, name + ".ear")
                .addAsModule(ejb)
                .addAsModule(war)
                .setApplicationXML(new StringAsset("""
                        <application xmlns="https://jakarta.ee/xml/ns/jakartaee" version="10">
                          <module><ejb>%1$s-ejb.jar</ejb></module>
                          <module><web><web-uri>%1$s.war</web-uri><context-root>/%1$s</context-root></web></module>
                        </application>
                        """.formatted(name)));
    }
}
