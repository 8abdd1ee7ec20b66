package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A segment's file name")
class SegmentNameTest {

    private final Locale before = Locale.getDefault();

    @AfterEach
    void restore() {
        Locale.setDefault(before);
    }

    @ParameterizedTest
    @DisplayName("is the same in each default locale, so that the next start finds the segment")
    @ValueSource(strings = {"ar-EG", "fa-IR", "mr-IN", "th-TH-u-nu-thai", "tr-TR"})
    void anyLocale(String tag) {
        Locale.setDefault(Locale.forLanguageTag(tag));

        Path path = Segment.path(Path.of("spool"), 42);

        assertThat(path.getFileName()).hasToString("0000000000000000042.spool");
        assertThat(Segment.number(path)).isEqualTo(42);
    }
}
