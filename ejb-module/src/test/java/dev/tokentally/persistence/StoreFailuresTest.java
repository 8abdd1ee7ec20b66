package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import jakarta.resource.ResourceException;
import jakarta.transaction.RollbackException;
import java.sql.SQLException;
import javax.transaction.xa.XAException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

@DisplayName("A store's failure")
class StoreFailuresTest {

    @ParameterizedTest(name = "SQLState {0}")
    @DisplayName("is a conflict if another transaction was in the way, however deeply it is wrapped")
    @ValueSource(strings = {"40001", "40P01", "55P03", "HYT00"})
    void conflict(String state) {
        assertThat(failure(state)).isExactlyInstanceOf(WriteConflictException.class);
    }

    @ParameterizedTest(name = "SQLState {0}")
    @DisplayName("is a refusal if the store does not accept the record's values, and no conflict")
    @ValueSource(strings = {"22001", "23505"})
    void refusal(String state) {
        assertThat(failure(state)).isExactlyInstanceOf(RecordRefusedException.class);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is a conflict if the partitions change meanwhile, and a refusal for every other check")
    @CsvSource(
            delimiter = '|',
            value = {
                "new row for relation \"llm_calls\" violates check constraint \"llm_calls_before_2027_01\" | true",
                "new row for relation \"llm_calls_default\" violates check constraint \"llm_calls_moves_2027_01\" | true",
                "new row for relation \"llm_calls_default\" violates partition constraint | true",
                "new row for relation \"llm_calls_default\" violates check constraint \"llm_calls_status\" | false",
                "new row for relation \"llm_calls_default\" violates check constraint \"no_poison\" | false",
            })
    void partitions(String message, boolean isConflict) {
        assertThat(StoreFailures.of("the store takes no records", new SQLException(message, "23514")))
                .isExactlyInstanceOf(isConflict ? WriteConflictException.class : RecordRefusedException.class);
    }

    @ParameterizedTest(name = "table {0}, constraint {1}")
    @DisplayName("is recognised by its fields, in whatever language the server writes")
    @CsvSource({"llm_calls_default, , true", "llm_calls_default, llm_calls_status, false", "llm_calls, , false"})
    void otherLanguage(String table, String constraint, boolean isConflict) {
        String fields = "C23514\0Mneue Zeile für Relation »" + table + "« verletzt Partitions-Constraint\0t" + table
                + "\0" + (constraint == null ? "" : "n" + constraint + "\0");
        PSQLException failure = new PSQLException(new ServerErrorMessage(fields));

        assertThat(StoreFailures.of("the store takes no records", new IllegalStateException("JPA", failure)))
                .isExactlyInstanceOf(isConflict ? WriteConflictException.class : RecordRefusedException.class);
    }

    @ParameterizedTest(name = "SQLState {0}")
    @DisplayName("is neither if it would meet any record")
    @ValueSource(strings = {"42P01", "53100", "40000"})
    void neither(String state) {
        assertThat(failure(state)).isExactlyInstanceOf(UsageStoreException.class);
    }

    @ParameterizedTest(name = "SQLState {0}")
    @DisplayName(
            "has the same kind at the commit, although WildFly reports it by exceptions that also stand for a lost connection")
    @CsvSource({
        "40001, dev.tokentally.usage.WriteConflictException",
        "23505, dev.tokentally.usage.RecordRefusedException",
        "22003, dev.tokentally.usage.RecordRefusedException",
        "53100, dev.tokentally.usage.UsageStoreException",
        "08006, dev.tokentally.usage.StoreUnavailableException",
        "57P01, dev.tokentally.usage.StoreUnavailableException",
    })
    void atCommit(String state, Class<?> meaning) {
        RollbackException commit = new RollbackException("ARJUNA016053");
        commit.addSuppressed(new XAException("LocalXAException")
                .initCause(new ResourceException("IJ001160", new SQLException("the database says", state))));

        assertThat(StoreFailures.of("the store takes no records", commit)).isExactlyInstanceOf(meaning);
    }

    private static UsageStoreException failure(String state) {
        return StoreFailures.of(
                "the store takes no records",
                new IllegalStateException("JPA", new SQLException("the database says", state)));
    }
}
