package dev.tokentally.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A deployed application")
class DeployedApplicationTest {

    @Test
    @DisplayName("has no name where JNDI does not tell it: two that had a common one would share a spool")
    void unknown() {
        assertThatThrownBy(() -> new DeployedApplication().name())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(
                        "java:app/AppName", Thread.currentThread().getName(), "folder of their own");
    }
}
