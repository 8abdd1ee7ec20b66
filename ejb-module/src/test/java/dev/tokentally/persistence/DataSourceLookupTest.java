package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The search for the data source")
class DataSourceLookupTest {

    @Test
    @DisplayName("ends if the causes of a failure are a ring, and finds the cause that says that nothing has the name")
    void ring() {
        NamingException failure = new NamingException();
        IllegalStateException cause = new IllegalStateException(failure);
        failure.setRootCause(cause);
        NamingException wrapped = new NamingException();
        wrapped.setRootCause(new NameNotFoundException());

        assertTimeoutPreemptively(
                Duration.ofMinutes(1), () -> assertThat(DataSourceLookup.saysThatNothingHasThatName(failure))
                        .isFalse());
        assertThat(DataSourceLookup.saysThatNothingHasThatName(wrapped)).isTrue();
    }
}
