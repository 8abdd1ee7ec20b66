package dev.tokentally.it;

import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;

@OnOneServer
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The reports of the product on H2, over HTTP")
class ReportsH2IT extends Reports {

    @Deployment(testable = false)
    static Archive<?> product() {
        return productOn(DataSources.H2FILE);
    }

    /** The same server asks all of them on PostgreSQL. */
    @Override
    int hostileQuestionsForOne() {
        return SOME;
    }
}
