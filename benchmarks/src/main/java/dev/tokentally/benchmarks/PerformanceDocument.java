package dev.tokentally.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The document that contains the table. The text between the two markers is replaced; everything else stays. */
final class PerformanceDocument {

    static final String BEGIN = "<!-- benchmarks begin: written by mvn -Pbench verify -->";
    static final String END = "<!-- benchmarks end -->";

    private final Path file;

    PerformanceDocument(Path file) {
        this.file = file;
    }

    /** Checks the document before anything is measured. The exception says what is wrong with it. */
    void check() throws IOException {
        placeIn(Files.readString(file));
    }

    void insert(String table) throws IOException {
        String document = Files.readString(file);
        Place place = placeIn(document);
        Files.writeString(
                file,
                document.substring(0, place.from()) + "\n\n" + table.strip() + "\n\n" + document.substring(place.to()));
    }

    private Place placeIn(String document) throws IOException {
        int begin = document.indexOf(BEGIN);
        int end = document.indexOf(END);
        if (begin < 0
                || end < begin
                || document.indexOf(BEGIN, begin + 1) >= 0
                || document.indexOf(END, end + 1) >= 0) {
            throw new IOException(file + " must hold the line \"" + BEGIN + "\" and behind it the line \"" + END
                    + "\", each once: between them goes the table");
        }
        return new Place(begin + BEGIN.length(), end);
    }

    private record Place(int from, int to) {}
}
