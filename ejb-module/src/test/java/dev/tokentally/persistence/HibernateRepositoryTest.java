package dev.tokentally.persistence;

import org.junit.jupiter.api.DisplayName;

@DisplayName("Through Hibernate")
class HibernateRepositoryTest extends JpaUsageRepositoryTest {

    HibernateRepositoryTest() {
        super("hibernate");
    }
}
