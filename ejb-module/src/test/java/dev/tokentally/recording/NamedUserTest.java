package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tokentally.persistence.RealStores;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The user's name in a store's message about a refused record")
class NamedUserTest {

    private static final String NAME = "Zoe of the long names";
    private static final String LONG =
            NAME + " who has more than sixty-four bytes in her name, since her parents could not agree";

    @Test
    @DisplayName("is removed, however PostgreSQL quotes or cuts it")
    void postgres() {
        RealStores store = RealStores.of("POSTGRESQL");
        store.execute("create function refuse() returns trigger language plpgsql as $$ begin"
                + " raise exception '% % % %', new.user_id, quote_literal(new.user_id), to_json(new.user_id),"
                + " (select u from (values (new.user_id, 1)) as u) using errcode = '23514'; end $$");
        for (String user : new String[] {
            NAME, LONG, "日本 " + LONG, "O'Hara " + NAME, "\"" + NAME + "\", \\" + NAME, "'" + NAME + "''.", "(" + NAME
        }) {
            CallRecord call = Calls.ok("acme", Instant.now()).withUser(user);
            store.execute("alter table llm_calls add constraint nobody check (user_id is null)");
            Throwable byRule = catchThrowable(() -> store.repository().store(call));
            store.execute(
                    "alter table llm_calls drop constraint nobody",
                    "create trigger refuse before insert on llm_calls for each row execute function refuse()");
            Throwable byTrigger = catchThrowable(() -> store.repository().store(call));
            store.execute("drop trigger refuse on llm_calls");

            for (Throwable refused : new Throwable[] {byRule, byTrigger}) {
                assertThat(message(refused)).contains("Zoe");
                assertThat(new NamedUser(user).takenOutOf(message(refused))).doesNotContain("Zoe", "names", "sixty");
            }
            assertThat(LogText.of(byTrigger, call)).contains(NamedUser.INSTEAD).doesNotContain("Zoe", "names");
        }
    }

    private static String message(Throwable refused) {
        Throwable root = refused;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }

    @ParameterizedTest
    @CsvSource({
        "Zoë,Key (USER_ID)=(U&'Zo\\00eb'),Key (USER_ID)=(U&'(the user)')",
        "日本,用户日本的调用,用户(the user)的调用",
        "ann,hannah and ann-b,hannah and (the user)-b",
        "a.b,axb a.b,axb (the user)",
        "$1\\E,no $1\\E,no (the user)"
    })
    @DisplayName("is removed where it is a whole word, even an escaped one, and other words stay")
    void words(String user, String text, String told) {
        assertThat(new NamedUser(user).takenOutOf(text)).isEqualTo(told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00eb", "a", "'", "a'"})
    @DisplayName("is removed quickly even if the name and the message are long")
    void large(String part) {
        String user = part.repeat(255).substring(0, 255);
        String escaped = "\\00eb".repeat(100_000) + " " + part.repeat(100_000) + "b";
        assertThat(new NamedUser(user).takenOutOf("(" + user + ") " + escaped)).startsWith("(" + NamedUser.INSTEAD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\", "'", "''''", "\"\\'", "(", "x", "\uD83D\uDE00"})
    @DisplayName("is removed even if it consists of special characters")
    void odd(String user) {
        assertThat(new NamedUser(user).takenOutOf("no user (" + user + ")")).contains(NamedUser.INSTEAD);
    }
}
