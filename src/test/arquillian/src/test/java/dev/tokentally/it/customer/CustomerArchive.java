package dev.tokentally.it.customer;

import dev.langchain4j.cdi.spi.RegisterAIService;
import dev.tokentally.it.Product;
import dev.tokentally.it.TestServer;
import dev.tokentally.it.customer.anonymous.AnonymousWork;
import dev.tokentally.it.customer.chat.AiServiceBeans;
import dev.tokentally.it.customer.chat.ChatResource;
import dev.tokentally.it.customer.ejb.InEjbModule;
import dev.tokentally.it.customer.llm.CityLlm;
import dev.tokentally.it.customer.marking.MarkingInterceptor;
import dev.tokentally.it.customer.pace.Recorded;
import dev.tokentally.it.customer.pace.plain.Unrecorded;
import dev.tokentally.it.customer.pace.web.PaceResource;
import dev.tokentally.it.customer.plain.Unlisted;
import dev.tokentally.it.customer.start.ShopResource;
import dev.tokentally.it.customer.trace.TracedResource;
import dev.tokentally.it.customer.unit.NotesResource;
import dev.tokentally.it.customer.web.AsyncWork;
import dev.tokentally.it.customer.web.AttributedWork;
import dev.tokentally.it.customer.web.AttributesResource;
import dev.tokentally.it.customer.web.CallIds;
import dev.tokentally.it.customer.web.CitiesResource;
import dev.tokentally.it.customer.web.CustomerApplication;
import dev.tokentally.it.customer.web.FaultTolerantInWar;
import dev.tokentally.it.customer.web.InWar;
import dev.tokentally.it.customer.web.Place;
import dev.tokentally.it.customer.web.ScopesResource;
import dev.tokentally.langchain4j.providers.BedrockClients;
import dev.tokentally.langchain4j.providers.Clients;
import dev.tokentally.langchain4j.providers.Protocol;
import dev.tokentally.langchain4j.sampling.ThreadSampler;
import jakarta.enterprise.inject.spi.Extension;
import java.io.File;
import java.util.List;
import java.util.Map;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.Asset;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.container.LibraryContainer;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/**
 * The customer's application in the packaging that the server takes: an EAR with an EJB module, a plain archive and a WAR,
 * or a WAR with the same archives as libraries. Its context root is its name.
 */
public final class CustomerArchive {

    private static final Asset LISTS_THE_DECORATOR = new StringAsset("""
            <beans xmlns="https://jakarta.ee/xml/ns/jakartaee" version="4.0" bean-discovery-mode="annotated">
              <decorators>
                <class>dev.tokentally.tracking.TrackingLlmDecorator</class>
              </decorators>
            </beans>
            """);

    private static final Asset LISTS_NOTHING = new StringAsset("""
            <beans xmlns="https://jakarta.ee/xml/ns/jakartaee" version="4.0" bean-discovery-mode="annotated" />
            """);

    private final String name;
    private final Map<String, String> config;
    private final WebArchive war;

    private CustomerArchive(String name, Map<String, String> config, WebArchive war) {
        this.name = name;
        this.config = config;
        this.war = war;
    }

    /** With a Fault Tolerance annotation in the WAR, so that every server obeys those of the EJB modules. */
    public static Archive<?> named(String name, Map<String, String> config) {
        return new CustomerArchive(name, config, war(name)).build();
    }

    /** With an interceptor of its own in a library, which marks every second transaction for rollback. */
    public static Archive<?> marking(String name, Map<String, String> config) {
        JavaArchive rules = ShrinkWrap.create(JavaArchive.class, "customer-rules.jar")
                .addClass(MarkingInterceptor.class)
                .addAsManifestResource(LISTS_NOTHING, "beans.xml");
        return ((LibraryContainer<?>) named(name, config)).addAsLibrary(rules);
    }

    /** Without such an annotation. Payara then ignores {@code @Retry} in the EJB modules of an EAR. */
    public static Archive<?> withoutFaultToleranceInWar(String name, Map<String, String> config) {
        return new CustomerArchive(
                        name,
                        config,
                        war(name)
                                .deleteClasses(
                                        FaultTolerantInWar.class,
                                        AsyncWork.class,
                                        ScopesResource.class,
                                        AttributedWork.class,
                                        AttributesResource.class))
                .build();
    }

    /** With a WAR that has no TenantResolver and whose callers do not log in. */
    public static Archive<?> anonymous(String name, Map<String, String> config) {
        WebArchive war = ShrinkWrap.create(WebArchive.class, name + ".war")
                .addPackage(AnonymousWork.class.getPackage())
                .addClasses(Place.class, CustomerApplication.class)
                .addAsWebInfResource(LISTS_NOTHING, "beans.xml");
        return new CustomerArchive(name, config, war).build();
    }

    /** With a WAR that traces with the server's OpenTelemetry. */
    public static Archive<?> traced(String name, Map<String, String> config) {
        WebArchive war = ShrinkWrap.create(WebArchive.class, name + ".war")
                .addPackage(TracedResource.class.getPackage())
                .addClasses(CustomerApplication.class, FaultTolerantInWar.class, CallIds.class)
                .addAsWebInfResource(LISTS_NOTHING, "beans.xml");
        return new CustomerArchive(name, config, war).build();
    }

    /** With further libraries, a JPA provider for example. */
    public static <T extends Archive<T> & LibraryContainer<T>> Archive<?> withLibraries(
            String name, Map<String, String> config, File... more) {
        @SuppressWarnings("unchecked")
        T archive = (T) named(name, config);
        return archive.addAsLibraries(more);
    }

    /** A WAR on every server. It brings Hibernate, which also serves its own unit. */
    public static Archive<?> withItsOwnHibernate(String name, Map<String, String> config) {
        JavaArchive configuration = ShrinkWrap.create(JavaArchive.class, "customer-config.jar")
                .addAsManifestResource(Product.properties(config), "microprofile-config.properties");
        return Product.withEjbLibraries(ownUnit(name, """
                        <provider>org.hibernate.jpa.HibernatePersistenceProvider</provider>
                        """, """
                        <property name="jboss.as.jpa.providerModule" value="application"/>
                        """)
                .addAsLibraries(Product.ejbModule(), configuration)
                .addAsLibraries(Product.hibernate()));
    }

    /** With a persistence unit in its WAR that uses the server's default data source. */
    public static Archive<?> withItsOwnUnit(String name, Map<String, String> config) {
        return new CustomerArchive(name, config, ownUnit(name, "", "")).build();
    }

    private static WebArchive ownUnit(String name, String provider, String property) {
        return ShrinkWrap.create(WebArchive.class, name + ".war")
                .addPackage(NotesResource.class.getPackage())
                .addClasses(CustomerApplication.class, FaultTolerantInWar.class)
                .addAsResource(new StringAsset("""
                        <persistence xmlns="https://jakarta.ee/xml/ns/persistence" version="3.0">
                          <persistence-unit name="tokentally" transaction-type="JTA">
                            %s
                            <class>dev.tokentally.it.customer.unit.Note</class>
                            <properties>
                              <property name="jakarta.persistence.schema-generation.database.action"
                                        value="drop-and-create"/>
                              %s
                            </properties>
                          </persistence-unit>
                        </persistence>
                        """.formatted(provider, property)), "META-INF/persistence.xml")
                .addAsWebInfResource(LISTS_THE_DECORATOR, "beans.xml");
    }

    /**
     * Another customer, who asks LangChain4j's models through the port. The bean is in an EJB module, and on Payara Micro in
     * a library.
     */
    public static Archive<?> langChain4j(String name, Map<String, String> config) {
        JavaArchive ejb = ShrinkWrap.create(JavaArchive.class, "customer-llm.jar")
                .addPackage(CityLlm.class.getPackage())
                .addAsManifestResource(LISTS_THE_DECORATOR, "beans.xml");
        WebArchive war = ShrinkWrap.create(WebArchive.class, name + ".war")
                .addClasses(CitiesResource.class, CustomerApplication.class, FaultTolerantInWar.class)
                .addAsWebInfResource(LISTS_NOTHING, "beans.xml");
        JavaArchive configuration = ShrinkWrap.create(JavaArchive.class, "customer-config.jar")
                .addAsManifestResource(Product.properties(config), "microprofile-config.properties");
        if (!TestServer.current().takesEar()) {
            return Product.withLibraries(
                    war.addAsLibraries(Product.ejbModule(), Product.langChain4jModule(), ejb, configuration));
        }
        return Product.withLibraries(ShrinkWrap.create(EnterpriseArchive.class, name + ".ear")
                .addAsModules(Product.ejbModule(), Product.langChain4jModule(), ejb, war)
                .addAsLibrary(configuration)
                .setApplicationXML(new StringAsset("""
                        <application xmlns="https://jakarta.ee/xml/ns/jakartaee" version="10">
                          <module><ejb>tokentally-ejb.jar</ejb></module>
                          <module><ejb>tokentally-langchain4j.jar</ejb></module>
                          <module><ejb>customer-llm.jar</ejb></module>
                          <module><web><web-uri>%1$s.war</web-uri><context-root>/%1$s</context-root></web></module>
                        </application>
                        """.formatted(name))));
    }

    /** A third customer, whose WAR has AI services and no port. */
    public static Archive<?> chat(String name, Map<String, String> config) {
        return chat(name, config, List.of(), new File[0]);
    }

    /** The same with the libraries for Bedrock. */
    public static Archive<?> vendors(String name, Map<String, String> config) {
        JavaArchive clients =
                ShrinkWrap.create(JavaArchive.class, "customer-bedrock.jar").addClass(BedrockClients.class);
        return chat(name, config, List.of(clients), Product.bedrock());
    }

    private static Archive<?> chat(String name, Map<String, String> config, List<JavaArchive> own, File[] more) {
        WebArchive war = ShrinkWrap.create(WebArchive.class, name + ".war")
                .addPackage(ChatResource.class.getPackage())
                .addClass(RegisterAIService.class)
                .addAsServiceProvider(Extension.class, AiServiceBeans.class)
                .addPackage(ThreadSampler.class.getPackage())
                .addClasses(CustomerApplication.class, Protocol.class, Clients.class)
                .addAsWebInfResource(LISTS_NOTHING, "beans.xml");
        JavaArchive configuration = ShrinkWrap.create(JavaArchive.class, "customer-config.jar")
                .addAsManifestResource(Product.properties(config), "microprofile-config.properties");
        if (!TestServer.current().takesEar()) {
            return Product.withLibraries(
                    war.addAsLibraries(Product.ejbModule(), Product.langChain4jModule(), configuration)
                            .addAsLibraries(own)
                            .addAsLibraries(Product.langChain4j())
                            .addAsLibraries(more));
        }
        return Product.withLibraries(ShrinkWrap.create(EnterpriseArchive.class, name + ".ear")
                .addAsModules(Product.ejbModule(), Product.langChain4jModule(), war)
                .addAsLibraries(configuration)
                .addAsLibraries(own)
                .addAsLibraries(Product.langChain4j())
                .addAsLibraries(more)
                .setApplicationXML(new StringAsset("""
                        <application xmlns="https://jakarta.ee/xml/ns/jakartaee" version="10">
                          <module><ejb>tokentally-ejb.jar</ejb></module>
                          <module><ejb>tokentally-langchain4j.jar</ejb></module>
                          <module><web><web-uri>%1$s.war</web-uri><context-root>/%1$s</context-root></web></module>
                        </application>
                        """.formatted(name))));
    }

    /**
     * For the benchmarks: one model in an archive that lists the decorator, and the same model in an archive that does not.
     */
    public static Archive<?> paced(String name, Map<String, String> config) {
        WebArchive war = ShrinkWrap.create(WebArchive.class, name + ".war")
                .addPackage(PaceResource.class.getPackage())
                .addClasses(CustomerApplication.class, FaultTolerantInWar.class)
                .addAsWebInfResource(LISTS_NOTHING, "beans.xml");
        return new CustomerArchive(name, config, war).build(Recorded.class.getPackage(), Unrecorded.class.getPackage());
    }

    /** For the benchmarks: on every server a WAR, with the module and its dependencies as libraries, or without them. */
    public static WebArchive shop(String name, boolean withModule, Map<String, String> config) {
        WebArchive war = ShrinkWrap.create(WebArchive.class, name + ".war")
                .addPackage(ShopResource.class.getPackage())
                .addClass(CustomerApplication.class)
                .addAsWebInfResource(LISTS_NOTHING, "beans.xml");
        if (!withModule) {
            return war;
        }
        JavaArchive configuration = ShrinkWrap.create(JavaArchive.class, "customer-config.jar")
                .addAsManifestResource(Product.properties(config), "microprofile-config.properties");
        return Product.withEjbLibraries(war.addAsLibraries(Product.ejbModule(), configuration));
    }

    private static WebArchive war(String name) {
        return ShrinkWrap.create(WebArchive.class, name + ".war")
                .addPackage(InWar.class.getPackage())
                .deleteClass(CitiesResource.class)
                .addAsWebInfResource(LISTS_THE_DECORATOR, "beans.xml");
    }

    private Archive<?> build() {
        return build(InEjbModule.class.getPackage(), Unlisted.class.getPackage());
    }

    private Archive<?> build(Package decorated, Package undecorated) {
        JavaArchive ejb = ShrinkWrap.create(JavaArchive.class, "customer-ejb.jar")
                .addPackage(decorated)
                .addAsManifestResource(LISTS_THE_DECORATOR, "beans.xml");
        JavaArchive plain = ShrinkWrap.create(JavaArchive.class, "customer-plain.jar")
                .addPackage(undecorated)
                .addAsManifestResource(LISTS_NOTHING, "beans.xml");
        JavaArchive configuration = ShrinkWrap.create(JavaArchive.class, "customer-config.jar")
                .addAsManifestResource(Product.properties(config), "microprofile-config.properties");
        if (!TestServer.current().takesEar()) {
            return Product.withEjbLibraries(war.addAsLibraries(Product.ejbModule(), ejb, plain, configuration));
        }
        return Product.withEjbLibraries(ShrinkWrap.create(EnterpriseArchive.class, name + ".ear")
                .addAsModules(Product.ejbModule(), ejb, plain, war)
                .addAsLibrary(configuration)
                .setApplicationXML(new StringAsset("""
                        <application xmlns="https://jakarta.ee/xml/ns/jakartaee" version="10">
                          <module><ejb>tokentally-ejb.jar</ejb></module>
                          <module><ejb>customer-ejb.jar</ejb></module>
                          <module><ejb>customer-plain.jar</ejb></module>
                          <module><web><web-uri>%1$s.war</web-uri><context-root>/%1$s</context-root></web></module>
                        </application>
                        """.formatted(name))));
    }
}
