package dev.tokentally.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A deployed application")
class DeployedApplicationTest {

    @Test
    @DisplayName(
            "has no name if JNDI does not give one, because two applications with the same name would share a spool")
    void unknown() {
        assertThatThrownBy(() -> new DeployedApplication().name())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(
                        "java:app/AppName", Thread.currentThread().getName(), "folder for the application's records");
    }
}
