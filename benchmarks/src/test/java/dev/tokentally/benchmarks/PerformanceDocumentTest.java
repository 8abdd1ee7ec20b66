package dev.tokentally.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The document with the table")
class PerformanceDocumentTest {

    private static final String BEGIN = PerformanceDocument.BEGIN;
    private static final String END = PerformanceDocument.END;

    @TempDir
    Path directory;

    private Path file;
    private PerformanceDocument document;

    @BeforeEach
    void make() {
        file = directory.resolve("performance.md");
        document = new PerformanceDocument(file);
    }

    @Test
    @DisplayName("contains the last table once, and the text around it is unchanged")
    void twice() throws IOException {
        Files.writeString(file, "# Title\n\nBefore.\n\n" + BEGIN + "\n" + END + "\n\nAfter.\n");

        document.insert("| the first |\n");
        document.insert("| the second |\n");

        assertThat(file).hasContent("# Title\n\nBefore.\n\n" + BEGIN + "\n\n| the second |\n\n" + END + "\n\nAfter.\n");
    }

    @ParameterizedTest
    @DisplayName("without a place for the table is refused and left unchanged")
    @ValueSource(strings = {"", BEGIN, END, END + "\n" + BEGIN, BEGIN + BEGIN + END, BEGIN + END + END})
    void noPlace(String text) throws IOException {
        Files.writeString(file, text);

        assertThatThrownBy(document::check).isInstanceOf(IOException.class).hasMessageContaining(BEGIN);
        assertThatThrownBy(() -> document.insert("| a table |"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("performance.md");
        assertThat(file).hasContent(text);
    }

    @Test
    @DisplayName("of this repository has a place for it")
    void ours() throws IOException {
        new PerformanceDocument(Path.of("../docs/performance.md")).check();
    }
}
