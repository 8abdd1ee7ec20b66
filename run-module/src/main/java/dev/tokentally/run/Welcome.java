package dev.tokentally.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The summary on the console once the server answers. Everything that it says about the store comes from the
 * application.
 */
final class Welcome {

    private final Options options;
    private final DataFolder data;
    private final List<NewKey> keys;
    private final String base;
    /** Removes secrets from quoted messages. */
    private final UnaryOperator<String> safe;

    Welcome(Options options, DataFolder data, List<NewKey> keys) {
        this.options = options;
        this.data = data;
        this.keys = keys;
        this.base = "http://127.0.0.1:" + options.port() + "/tokentally";
        this.safe = options.database()
                .<UnaryOperator<String>>map(database -> database::withoutSecrets)
                .orElse(UnaryOperator.identity());
    }

    /**
     * The summary.
     *
     * @param told what the application logged
     * @param probed why the run command itself gets no connection; empty if it gets one or has not tried
     */
    List<String> lines(Told told, Optional<String> probed) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(
                told.store().isPresent()
                        ? "Tokentally is ready."
                        : "Tokentally has started, but its store is out of reach.");
        lines.add("  Dashboard  " + base + "/");
        lines.add("  API        " + base + "/api/v1");
        lines.add("  Health     http://127.0.0.1:" + options.port() + "/health/ready");
        lines.add("  Store      " + store(told, probed));
        lines.add("  Records    " + records(told));
        lines.add("  Recording  " + told.mode().orElse("in a mode that the log does not tell") + "; the spool is "
                + data.spool());
        lines.add("  API keys   "
                + (keys.isEmpty()
                        ? options.apiKeys() + " of " + Options.API_KEYS
                        : "2 new ones, of this run alone: tenant demo, and admin"));
        lines.add("  Log        " + data.log());
        if (!told.warnings().isEmpty()) {
            lines.add("  Warnings   " + told.warnings().size() + ", see the log. The first: "
                    + safe.apply(told.warnings().get(0)));
        }
        data.temporaryDirectoryAround()
                .ifPresent(temporary -> lines.add("  Warning    The data folder is in the temporary directory "
                        + temporary
                        + ": all records are gone once that is cleared. Choose another folder with -D" + Options.DATA
                        + "=FOLDER"));
        if (data.isOpenToOthers()) {
            lines.add("  Warning    Other users of this machine can read the data folder. To keep it private, run:"
                    + " chmod 700 \"" + data.folder() + "\"");
        }
        lines.add("");
        lines.addAll(firstSteps());
        return lines;
    }

    /** The message when a store takes records again. */
    List<String> back(Told told) {
        return List.of("The store is reachable now: " + store(told, Optional.empty()) + ". Records are kept "
                + records(told) + "; those that waited in the spool follow.");
    }

    private String store(Told told, Optional<String> probed) {
        if (told.store().isPresent()) {
            return told.store().get() + ", reachable";
        }
        String name = options.database().isPresent() ? "PostgreSQL (" + Options.DB_URL + ")" : "H2";
        // The server's pool often says only that it has no connection.
        String why = probed.or(told::why).map(safe).orElse("the log does not say why");
        return name + ", OUT OF REACH: " + why;
    }

    private String records(Told told) {
        if (told.store().isEmpty()) {
            return "wait in the spool until the store is back; nothing is stored yet";
        }
        if (options.database().isPresent()) {
            return "in PostgreSQL, as " + Options.DB_URL + " says";
        }
        Path file = data.databaseFile();
        return "in " + file;
    }

    private List<String> firstSteps() {
        List<String> lines = new ArrayList<>();
        String key = keys.isEmpty() ? "YOUR_KEY" : keys.get(0).secret();
        keys.forEach(made -> lines.add("API key (" + (made.role().equals("admin") ? "admin" : "tenant " + made.tenant())
                + "): " + made.secret()));
        lines.addAll(List.of(
                "",
                options.provider()
                        ? "Make a call (the provider answers that " + ProviderVariables.BASE_URL + " names):"
                        : "Make a call (an offline model answers, no account is needed):",
                "  curl -H 'Authorization: Bearer " + key + "' -H 'Content-Type: application/json' -d"
                        + " '{\"operation\":\"summarise\",\"system_message\":\"You are brief.\",\"user_message\":\"Say"
                        + " hello.\"}' " + base + "/api/v1/completions",
                "See what was recorded:",
                "  curl -H 'Authorization: Bearer " + key + "' " + base + "/api/v1/usage/calls",
                "",
                "Ctrl-C stops it.",
                ""));
        return lines;
    }
}
