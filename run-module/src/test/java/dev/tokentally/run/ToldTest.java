package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The server's log")
class ToldTest {

    static final String RECORDED = line(
            "persistence.Store",
            "LLM calls are recorded in PostgreSQL 18.4 (tokentally.datasource=jdbc/tokentally) through eclipselink");
    static final String OUT_OF_REACH = line(
            "persistence.Store",
            "WARNING",
            900,
            "The store (tokentally.datasource=jdbc/tokentally) is out of reach at start. The application starts all the"
                    + " same; records wait in the spool until it is back. Why: the store is out of reach:"
                    + " ConnectException: Connection refused");
    static final String MODE = line(
            "recording.SpooledRecorder",
            "Recording is write-behind; records that the store does not take wait in /srv/data/spool/tokentally/1");

    static String line(String logger, String message) {
        return line(logger, "INFO", 800, message);
    }

    static String line(String logger, String level, int value, String message) {
        return "[2026-11-28T19:15:10.407+0000] [] [\u001b[1;92m" + level + "\u001b[0m] [] [\u001b[1;94mdev.tokentally."
                + logger + "\u001b[0m] [tid: _ThreadID=1 _ThreadName=main] [timeMillis: 1795893310407] [levelValue: "
                + value + "] " + message;
    }

    @Test
    @DisplayName("names the store that takes records, and the mode")
    void recorded() {
        Told told = Told.in(List.of("a banner", "", MODE, RECORDED));

        assertThat(told.store()).contains("PostgreSQL 18.4");
        assertThat(told.why()).isEmpty();
        assertThat(told.mode()).contains("write-behind");
    }

    @Test
    @DisplayName("says why no store takes records, until one is back")
    void outOfReach() {
        assertThat(Told.in(List.of(OUT_OF_REACH, MODE)).store()).isEmpty();
        assertThat(Told.in(List.of(OUT_OF_REACH, MODE)).why())
                .contains("the store is out of reach: ConnectException: Connection refused");
        assertThat(Told.in(List.of(OUT_OF_REACH, MODE, RECORDED)).store()).contains("PostgreSQL 18.4");
        assertThat(Told.in(List.of(OUT_OF_REACH, MODE, RECORDED)).why()).isEmpty();
    }

    @Test
    @DisplayName(
            "has the application's warnings, without the reason of the store and what the run command itself asked")
    void warnings() {
        List<String> lines = List.of(
                OUT_OF_REACH,
                "[2026-11-28T19:15:10.407+0000] [] [WARNING] [] [PayaraMicro] [levelValue: 900] not the application's",
                line(
                        "web.key.KeyFilter",
                        "WARNING",
                        900,
                        "An API request is refused: there is no Authorization header"),
                line("config.UnreadKeys", "WARNING", 900, "Nothing reads TOKENTALLY_PRICE_FILE"),
                RECORDED,
                line("web.model.Model", "SEVERE", 1000, "[["),
                "  several lines",
                "  of a message]]");

        assertThat(Told.in(lines).warnings()).containsExactly("Nothing reads TOKENTALLY_PRICE_FILE", "several lines");
        assertThat(Told.in(List.of(RECORDED, MODE)).warnings()).isEmpty();
    }

    @Test
    @DisplayName("says nothing in lines of another start or another logger")
    void nothing() {
        Told told = Told.in(List.of("LLM calls are recorded in PostgreSQL 18.4 (x)", "Recording is sync;"));

        assertThat(told.store()).isEmpty();
        assertThat(told.why()).isEmpty();
        assertThat(told.mode()).isEmpty();
    }
}
