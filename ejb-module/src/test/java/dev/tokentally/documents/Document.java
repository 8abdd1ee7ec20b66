package dev.tokentally.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A document in Markdown, with the parts that the checks read.
 *
 * @param file its file, for links and messages
 * @param text its text
 */
record Document(Path file, String text) {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern CODE_SPAN = Pattern.compile("`([^`]+)`");

    /** A block of code: the word after the opening fence, which may be empty, and the text. */
    record CodeBlock(String language, String text) {}

    static Document read(Path file) {
        try {
            return new Document(file, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The targets of all links and images. */
    List<String> links() {
        return LINK.matcher(CODE_SPAN.matcher(prose()).replaceAll("code"))
                .results()
                .map(link -> link.group(1))
                .toList();
    }

    /** The anchors of the headings, as GitHub makes them. */
    List<String> anchors() {
        Map<String, Integer> seen = new HashMap<>();
        return headings()
                .map(heading -> heading.replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}_\\s-]", "")
                        .replaceAll("\\s", "-"))
                .map(anchor -> {
                    int before = seen.merge(anchor, 1, Integer::sum) - 1;
                    return before == 0 ? anchor : anchor + "-" + before;
                })
                .toList();
    }

    /** The texts in backticks, each of which is on one line. */
    List<String> codeSpans() {
        return CODE_SPAN
                .matcher(prose())
                .results()
                .map(span -> span.group(1).replaceAll("\\s*\\R\\s*", " "))
                .toList();
    }

    List<CodeBlock> codeBlocks() {
        List<CodeBlock> blocks = new ArrayList<>();
        String language = null;
        StringBuilder block = new StringBuilder();
        for (String line : text.lines().toList()) {
            if (!line.startsWith("```")) {
                block.append(line).append('\n');
                continue;
            }
            if (language == null) {
                language = line.substring(3).strip();
            } else {
                blocks.add(new CodeBlock(language, block.toString()));
                language = null;
            }
            block.setLength(0);
        }
        return blocks;
    }

    /**
     * The part from the heading to the next heading of any level; empty when there is no such heading. A comment in a block of
     * code is no heading.
     */
    Document section(String heading) {
        StringBuilder section = new StringBuilder();
        boolean inside = false;
        boolean code = false;
        for (String line : text.lines().toList()) {
            code ^= line.startsWith("```");
            if (!code && line.startsWith("#")) {
                inside = line.replaceFirst("^#+ ", "").equals(heading);
            } else if (inside) {
                section.append(line).append('\n');
            }
        }
        return new Document(file, section.toString());
    }

    /** The cells of the rows of all tables, without heads. */
    List<List<String>> tableRows() {
        List<List<String>> rows = new ArrayList<>();
        List<String> lines = prose().lines().toList();
        for (int i = 2; i < lines.size(); i++) {
            boolean row = lines.get(i).startsWith("|") && lines.get(i - 1).startsWith("|");
            if (row && !lines.get(i).startsWith("| ---")) {
                rows.add(List.of(lines.get(i).substring(1).split("\\|")).stream()
                        .map(String::strip)
                        .toList());
            }
        }
        return rows;
    }

    /** The text without blocks of code. */
    private String prose() {
        StringBuilder prose = new StringBuilder();
        boolean code = false;
        for (String line : text.lines().toList()) {
            if (line.startsWith("```")) {
                code = !code;
                prose.append('\n');
            } else if (!code) {
                prose.append(line).append('\n');
            }
        }
        return prose.toString();
    }

    private Stream<String> headings() {
        return prose().lines().filter(line -> line.matches("#{1,6} .*")).map(line -> line.replaceFirst("^#+ ", "")
                .strip());
    }
}
