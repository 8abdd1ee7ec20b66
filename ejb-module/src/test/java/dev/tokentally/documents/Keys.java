package dev.tokentally.documents;

import dev.tokentally.config.Setting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Compares the configuration keys of the documents with {@link Setting}. */
final class Keys {

    private static final Pattern KEY = Pattern.compile("(?<![\\w./-])tokentally\\.[a-z][a-z.-]*[a-z]");
    private static final Pattern VARIABLE = Pattern.compile("\\bTOKENTALLY_[A-Z_]*[A-Z]\\b");

    private final Repository repository;

    Keys(Repository repository) {
        this.repository = repository;
    }

    /** The differences in keys and defaults between the table of keys and {@link Setting}. */
    List<String> faultsOfTable(Document table) {
        List<String> faults = new ArrayList<>();
        Map<String, String> defaults = new LinkedHashMap<>();
        for (List<String> row : table.tableRows()) {
            String key = row.get(0).replaceFirst("^`([^`]*)`.*", "$1");
            if (!key.startsWith("tokentally.")) {
                continue;
            }
            if (row.size() != 4) {
                faults.add("the row of " + key + " has no four cells");
            } else if (defaults.put(key, row.get(1)) != null) {
                faults.add(key + " is in the table twice");
            }
            if (!repository.settings().containsKey(key)) {
                faults.add(key + " is in the table, and no Setting");
            }
        }
        for (Setting<?> setting : repository.settings().values()) {
            String told = defaults.get(setting.key());
            if (told == null) {
                faults.add(setting.key() + " is not in the table");
            } else if (setting.defaultValue() != null
                    && !setting.defaultValue().isEmpty()
                    && !told.equals("`" + setting.defaultValue() + "`")) {
                faults.add(setting.key() + " has the default " + setting.defaultValue() + ", and not " + told);
            }
        }
        return faults;
    }

    /** The keys and environment variables that a document names and that nothing reads. */
    List<String> faults(Document document) {
        List<String> faults = new ArrayList<>();
        Stream.concat(
                        document.codeSpans().stream(),
                        document.codeBlocks().stream().map(Document.CodeBlock::text))
                .forEach(code -> {
                    KEY.matcher(code)
                            .results()
                            .map(found -> found.group())
                            .filter(key -> !repository.settings().containsKey(key) && !repository.readsProperty(key))
                            .forEach(key -> faults.add(document.file().getFileName() + ": nothing reads " + key));
                    VARIABLE.matcher(code)
                            .results()
                            .map(found -> found.group())
                            .filter(name -> !repository.readsVariable(name))
                            .forEach(name -> faults.add(document.file().getFileName() + ": nothing reads " + name));
                });
        return faults;
    }

    /** The keys that the code reads without a {@link Setting}. */
    List<String> faultsOfCode() {
        return repository.keysInTheCode().entrySet().stream()
                .filter(key -> !repository.settings().containsKey(key.getKey()))
                .map(key -> key.getKey() + " in " + repository.root.relativize(key.getValue()) + " is no Setting")
                .toList();
    }
}
