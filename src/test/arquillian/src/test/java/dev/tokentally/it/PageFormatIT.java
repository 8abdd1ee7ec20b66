package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Checks that the dashboard's files are formatted as Prettier does it. Prettier runs in the browser of the dashboard's
 * tests, so a build needs no Node.js. {@code -Dpage-format=write} corrects the format.
 */
@OnOneServer
@DisplayName("The dashboard's scripts and styles")
class PageFormatIT {

    private static final Path ASSETS = Path.of("../../../web-module/src/main/webapp/assets");
    private static final Map<String, Object> STYLE = Map.of("printWidth", 120, "singleQuote", true);
    private static final String FORMAT = """
            const done = arguments[arguments.length - 1];
            const [text, parser, style] = arguments;
            prettier.format(text, { ...style, parser, plugins: Object.values(prettierPlugins) })
              .then((formatted) => done({ formatted }), (failure) => done({ failure: String(failure) }));
            """;

    @Test
    @EnabledIf(value = "dev.tokentally.it.Browser#isInstalled", disabledReason = Browser.MISSING)
    @DisplayName("are formatted by Prettier")
    void formatted() throws IOException {
        List<String> wrong = new ArrayList<>();
        try (Browser browser = new Browser();
                Stream<Path> files = Files.list(ASSETS)) {
            for (String script : List.of("standalone", "plugins/babel", "plugins/estree", "plugins/postcss")) {
                browser.driver().executeScript(prettier(script));
            }
            for (Path file :
                    files.filter(each -> !parser(each).isEmpty()).sorted().toList()) {
                String text = Files.readString(file);
                Map<?, ?> answer = (Map<?, ?>) browser.driver().executeAsyncScript(FORMAT, text, parser(file), STYLE);
                assertThat(answer.get("failure")).as(file.toString()).isNull();
                String formatted = (String) answer.get("formatted");
                if (!formatted.equals(text)) {
                    wrong.add(file.getFileName().toString());
                    if (Settings.writesPageFormat()) {
                        Files.writeString(file, formatted);
                    }
                }
            }
        }
        if (!Settings.writesPageFormat()) {
            assertThat(wrong)
                    .as("files of another format, which -Dpage-format=write puts right")
                    .isEmpty();
        }
    }

    private static String parser(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".js") ? "babel" : name.endsWith(".css") ? "css" : "";
    }

    private static String prettier(String script) throws IOException {
        Properties artifact = new Properties();
        try (InputStream properties =
                PageFormatIT.class.getResourceAsStream("/META-INF/maven/org.webjars.npm/prettier/pom.properties")) {
            artifact.load(properties);
        }
        String name = "/META-INF/resources/webjars/prettier/" + artifact.getProperty("version") + "/" + script + ".js";
        try (InputStream source = PageFormatIT.class.getResourceAsStream(name)) {
            return new String(source.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
