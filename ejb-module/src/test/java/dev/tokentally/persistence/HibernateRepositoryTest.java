package dev.tokentally.persistence;

import dev.tokentally.OnOneJdk;
import org.junit.jupiter.api.DisplayName;

@OnOneJdk
@DisplayName("Through Hibernate")
class HibernateRepositoryTest extends JpaUsageRepositoryTest {

    HibernateRepositoryTest() {
        super("hibernate");
    }
}
