package dev.tokentally.documents;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The links of documents to files and headings of the repository. Links to other sites are not followed. */
final class Links {

    private static final Pattern NAMED = Pattern.compile("\\bdocs/[\\w-]+\\.md(#[\\w-]+)?");

    private final Repository repository;

    Links(Repository repository) {
        this.repository = repository;
    }

    /** The links of the document whose target does not exist. */
    List<String> faults(Document document) {
        List<String> faults = new ArrayList<>();
        for (String link : document.links()) {
            if (!link.matches("[a-z]+:.*") && !leadsSomewhere(document, link)) {
                faults.add(document.file().getFileName() + ": " + link + " leads nowhere");
            }
        }
        return faults;
    }

    /** The documents that a source names and that do not exist. */
    List<String> faultsOfSource(Path source) {
        Document readme = repository.document("README.md");
        return NAMED.matcher(Document.read(source).text())
                .results()
                .map(MatchResult::group)
                .filter(named -> !leadsSomewhere(readme, named))
                .map(named -> repository.root.relativize(source) + ": there is no " + named)
                .toList();
    }

    private boolean leadsSomewhere(Document from, String link) {
        int hash = link.indexOf('#');
        String name = hash < 0 ? link : link.substring(0, hash);
        Path target =
                name.isEmpty() ? from.file() : from.file().resolveSibling(name).normalize();
        if (!target.startsWith(repository.root) || !name.isEmpty() && !Files.exists(target)) {
            return false;
        }
        return hash < 0
                || (name.isEmpty() ? from : Document.read(target)).anchors().contains(link.substring(hash + 1));
    }
}
