package dev.tokentally.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnOneJdk
@DisplayName("The documents")
class DocumentsTest {

    private static final Pattern DEPENDENCY = Pattern.compile("<groupId>dev\\.tokentally</groupId>\\s*"
            + "<artifactId>([^<]*)</artifactId>\\s*(?:<version>([^<]*)</version>)?");

    private static final Pattern DEPENDENCY_OF_OTHERS =
            Pattern.compile("<groupId>(?!dev\\.tokentally|com\\.example)([^<]*)"
                    + "</groupId>\\s*<artifactId>([^<]*)</artifactId>\\s*<version>([^<]*)</version>");

    /** An operator can do nothing about them, and should never see one. */
    private static final List<String> FAULTS_OF_OUR_OWN = List.of(
            "The spool could not be closed:",
            "A segment of the spool could not be closed:",
            "The result of an @LlmOperation method runs without its call scope, because the scope cannot be entered:",
            "The code after a streamed answer runs without its call scope, because the scope cannot be entered",
            "An LLM call outside a call scope is neither recorded nor counted:",
            "A call is recorded without",
            "OpenTelemetry's current span cannot be read, and such calls are recorded without their trace:",
            "A provider's usage object could not be read, and LangChain4j's counts are recorded instead:",
            "Cached tokens and reasoning tokens are not known, because the class");

    private static Repository repository;
    private static List<Document> documents;

    @BeforeAll
    static void read() {
        repository = new Repository(Path.of(".."));
        documents = repository.documents();
    }

    @Test
    @DisplayName("are all documents of the repository")
    void all() {
        assertThat(documents)
                .extracting(
                        document -> repository.root.relativize(document.file()).toString())
                .contains("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/README.md", "docs/configuration.md");
    }

    @Test
    @DisplayName("have only links with targets")
    void links() {
        Links links = new Links(repository);

        assertThat(documents).flatExtracting(links::faults).isEmpty();
    }

    @Test
    @DisplayName("exist if the sources name them")
    void namedBySources() {
        Links links = new Links(repository);

        assertThat(repository.sources()).flatExtracting(links::faultsOfSource).isEmpty();
    }

    @Test
    @DisplayName("are all in the index")
    void index() {
        Document index = repository.document("docs/README.md");

        assertThat(documents)
                .extracting(document -> document.file().getFileName().toString())
                .filteredOn(name -> documents.stream().anyMatch(document -> document.file()
                        .equals(repository.root.resolve("docs").resolve(name))))
                .filteredOn(name -> !name.equals("README.md"))
                .isSubsetOf(index.links());
    }

    @Test
    @DisplayName("give every reason of the rationale in its index")
    void reasons() {
        Document rationale = repository.document("docs/rationale.md");

        assertThat(rationale.links())
                .containsAll(rationale.anchors().stream()
                        .skip(1)
                        .map(anchor -> "#" + anchor)
                        .toList());
    }

    @Test
    @DisplayName("contain only commands that exist")
    void commands() {
        Commands commands = new Commands(repository);

        assertThat(documents).flatExtracting(commands::faults).isEmpty();
    }

    @Test
    @DisplayName("let a DBA unpack every script that they tell the DBA to run")
    void scripts() {
        Document upgrades = repository.document("docs/upgrades.md");
        Commands commands = new Commands(repository);

        assertThat(commands.run(upgrades)).isNotEmpty().isSubsetOf(commands.unzipped(upgrades));
    }

    @Test
    @DisplayName("contain only paths of the API")
    void paths() {
        Commands commands = new Commands(repository);

        assertThat(documents).flatExtracting(commands::unknownPaths).isEmpty();
    }

    @Test
    @DisplayName("have every configuration key with its default in the table, and no key that nothing reads")
    void keys() {
        Keys keys = new Keys(repository);

        assertThat(keys.faultsOfTable(repository.document("docs/configuration.md")))
                .isEmpty();
        assertThat(keys.faultsOfCode()).isEmpty();
        assertThat(documents).flatExtracting(keys::faults).isEmpty();
    }

    @Test
    @DisplayName("name our artifacts in the build's version")
    void version() {
        List<MatchResult> named = documents.stream()
                .flatMap(document -> DEPENDENCY.matcher(document.text()).results())
                .toList();

        assertThat(named)
                .extracting(dependency -> dependency.group(1))
                .contains("tokentally-bom", "tokentally-ejb", "tokentally-langchain4j", "tokentally-testing")
                .allMatch(repository::hasArtifact);
        assertThat(named)
                .extracting(dependency -> dependency.group(2))
                .filteredOn(version -> version != null)
                .isNotEmpty()
                .containsOnly(repository.version());
    }

    @Test
    @DisplayName("name the libraries of others in the build's versions")
    void versionsOfOthers() {
        List<String> named = documents.stream()
                .flatMap(document ->
                        DEPENDENCY_OF_OTHERS.matcher(document.text()).results())
                .map(found -> found.group(1) + ":" + found.group(2) + ":" + found.group(3))
                .toList();

        assertThat(named).contains("dev.langchain4j:langchain4j-open-ai:1.19.0").allMatch(repository::hasVersion);
    }

    @Test
    @DisplayName("show a POM for an EAR that is a part of our own EAR's POM")
    void pomOfAnEar() {
        String plugin = "<artifactId>maven-ear-plugin</artifactId>\\s*<version>\\S+</version>";
        String pom = repository.document("ear/pom.xml").text();
        String part = repository.document("docs/application-servers.md").section("In an EAR").codeBlocks().stream()
                .map(Document.CodeBlock::text)
                .findFirst()
                .orElseThrow();

        assertThat(part.replaceFirst(plugin, "<artifactId>maven-ear-plugin</artifactId>")
                        .lines())
                .map(String::strip)
                .filteredOn(line -> !line.isEmpty())
                .satisfies(lines -> assertThat(pom.lines().map(String::strip)).containsSubsequence(lines));
        assertThat(withoutSpace(repository.document("pom.xml").text()))
                .contains(withoutSpace(part.replaceAll("(?s).*(" + plugin + ").*", "$1")));
    }

    private static String withoutSpace(String text) {
        return text.replaceAll("\\s", "");
    }

    @Test
    @DisplayName("quote only lines of the log that the code writes")
    void linesOfTheLog() {
        List<String> lines = repository.document("docs/operations.md").section("Lines in the log").codeSpans().stream()
                .filter(span -> span.contains(" "))
                .toList();

        assertThat(lines).hasSizeGreaterThan(20).allSatisfy(line -> {
            String message = line.replaceAll("^tokentally\\.[a-z.-]+", "");
            List<String> parts = Stream.of(message.split("…"))
                    .map(String::strip)
                    .filter(part -> part.length() > 1)
                    .toList();
            assertThat(parts).as(line).isNotEmpty();
            assertThat(repository.writes(parts)).as(line).isTrue();
        });
    }

    @Test
    @DisplayName("quote each WARNING and ERROR that the code writes, unless the line is one of a fault of our own")
    void warnings() {
        List<String> quoted = repository.document("docs/operations.md").section("Lines in the log").codeSpans().stream()
                .flatMap(span -> Stream.of(span.split("…")))
                .map(String::strip)
                .toList();
        List<String> unquoted = repository.warnings().stream()
                .filter(line -> quoted.stream()
                        .noneMatch(part -> part.startsWith(line) || part.length() > 8 && line.startsWith(part)))
                .toList();

        assertThat(repository.warnings()).hasSizeGreaterThan(60);
        assertThat(unquoted).containsExactlyInAnyOrderElementsOf(FAULTS_OF_OUR_OWN);
    }

    @Test
    @DisplayName("begin with a README of at most 200 lines, whose parts on running and testing are one command each")
    void readme() {
        Document readme = repository.document("README.md");

        assertThat(readme.text().lines()).hasSizeLessThanOrEqualTo(200);
        assertThat(readme.section("Run it").codeBlocks())
                .extracting(Document.CodeBlock::text)
                .containsExactly("mvn -Prun verify\n");
        assertThat(readme.section("Test it").codeBlocks())
                .extracting(Document.CodeBlock::text)
                .containsExactly("mvn verify\n");
        assertThat(readme.section("Quick start").codeSpans()).contains("mvn -Plibrary install");
    }
}
