package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.config.InvalidSettingException;
import jakarta.persistence.spi.PersistenceProvider;
import jakarta.persistence.spi.PersistenceProviderResolver;
import jakarta.persistence.spi.PersistenceProviderResolverHolder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.jpa.HibernatePersistenceProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The JPA provider")
class JpaProviderTest {

    private static final PersistenceProvider ECLIPSELINK = new org.eclipse.persistence.jpa.PersistenceProvider();
    private static final PersistenceProvider HIBERNATE = new HibernatePersistenceProvider();

    private PersistenceProviderResolver before;

    @BeforeEach
    void rememberTheResolver() {
        before = PersistenceProviderResolverHolder.getPersistenceProviderResolver();
    }

    @AfterEach
    void putItBack() {
        PersistenceProviderResolverHolder.setPersistenceProviderResolver(before);
    }

    @Test
    @DisplayName("is the configured one, or the server's own if none is configured")
    void found() {
        server(ECLIPSELINK, HIBERNATE);

        assertThat(JpaProvider.find(Optional.of("eclipselink")).provider()).isSameAs(ECLIPSELINK);
        assertThat(JpaProvider.find(Optional.of("hibernate")).provider()).isSameAs(HIBERNATE);
        // Outside of Payara, as in this test, the server's own provider is Hibernate.
        assertThat(JpaProvider.find(Optional.empty()).kind()).isEqualTo(JpaProvider.HIBERNATE);
        server(ECLIPSELINK);
        assertThat(JpaProvider.find(Optional.empty()).kind()).isEqualTo(JpaProvider.ECLIPSELINK);
    }

    @Test
    @DisplayName("stops the application's start on a server without one, and says what to do")
    void none() {
        server();

        assertThatThrownBy(() -> TestDatabases.store(Map.of()).open(TestDatabases.empty(Database.H2)))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("tokentally.persistence.provider")
                .hasMessageContaining("no JPA provider")
                .hasMessageContaining("on WildFly the subsystem jpa")
                .hasMessageContaining("add EclipseLink to the application");
    }

    @Test
    @DisplayName("stops the start, too, if the server has only another one, and names those that are there")
    void another() {
        server(ECLIPSELINK);

        assertThatThrownBy(() -> JpaProvider.find(Optional.of("hibernate")))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("hibernate")
                .hasMessageContaining("Found in this server and application: "
                        + ECLIPSELINK.getClass().getName());
    }

    private static void server(PersistenceProvider... providers) {
        PersistenceProviderResolverHolder.setPersistenceProviderResolver(new PersistenceProviderResolver() {

            @Override
            public List<PersistenceProvider> getPersistenceProviders() {
                return List.of(providers);
            }

            @Override
            public void clearCachedProviders() {}
        });
    }
}
