package dev.tokentally.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Markdown file of the repository, or one section of it, with the files and the commands that it shows. */
final class Document {

    private static final Path ROOT = Path.of("../../..");

    /** The name of a file is on a line before its block. */
    private static final Pattern FILE = Pattern.compile("(?ms)^`([^`\\n]+)`\\n```[a-z]+\\n(.*?)^```$");

    private static final Pattern BLOCK = Pattern.compile("(?ms)^```([a-z]*)\\n(.*?)^```$");

    private final String text;

    private Document(String text) {
        this.text = text;
    }

    static Document of(String path) {
        try {
            return new Document(Files.readString(root().resolve(path)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The repository's own folder. */
    static Path root() {
        return ROOT;
    }

    /** The text below a heading, up to the next heading of the same or a higher level. */
    Document section(String heading) {
        // A comment in a block of code looks like a heading.
        String prose =
                BLOCK.matcher(text).replaceAll(block -> "`".repeat(block.group().length()));
        Matcher start =
                Pattern.compile("(?m)^(#+) " + Pattern.quote(heading) + "$").matcher(prose);
        if (!start.find()) {
            throw new AssertionError("no heading " + heading);
        }
        Matcher end =
                Pattern.compile("(?m)^#{1," + start.group(1).length() + "} ").matcher(prose);
        return new Document(text.substring(start.end(), end.find(start.end()) ? end.start() : text.length()));
    }

    /** The files that the document shows, by their paths. */
    Map<String, String> files() {
        Map<String, String> files = new LinkedHashMap<>();
        Matcher file = FILE.matcher(text);
        while (file.find()) {
            files.put(file.group(1), file.group(2));
        }
        return files;
    }

    List<String> commands() {
        return blocks("").stream().flatMap(String::lines).toList();
    }

    /** The code blocks of a language, unchanged. */
    List<String> blocks(String language) {
        return BLOCK.matcher(text)
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }
}
