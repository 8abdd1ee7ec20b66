package dev.tokentally.persistence;

import org.junit.jupiter.api.DisplayName;

@DisplayName("Through EclipseLink")
class EclipseLinkRepositoryTest extends JpaUsageRepositoryTest {

    EclipseLinkRepositoryTest() {
        super("eclipselink");
    }
}
