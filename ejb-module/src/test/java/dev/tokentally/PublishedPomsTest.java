package dev.tokentally;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

@OnOneJdk
@DisplayName("The POMs that are published")
class PublishedPomsTest {

    private static final Path ROOT = Path.of("..");
    private static final Element PARENT = pom("");
    private static final Element BOM = pom("tokentally-bom");

    /** The parent, and the modules that are in every build. */
    static Stream<String> published() {
        return Stream.concat(Stream.of(""), texts(PARENT, "modules", "module").stream());
    }

    @ParameterizedTest(name = "''{0}''")
    @MethodSource("published")
    @DisplayName("have what a Maven repository requires")
    void complete(String module) {
        Element pom = pom(module);

        assertThat(text(pom, "name")).as("name").isPresent();
        assertThat(text(pom, "description")).as("description").isPresent();
        for (List<String> inherited : List.of(
                List.of("url"),
                List.of("licenses", "license", "name"),
                List.of("licenses", "license", "url"),
                List.of("developers", "developer", "name"),
                List.of("scm", "connection"),
                List.of("scm", "developerConnection"),
                List.of("scm", "url"))) {
            String[] path = inherited.toArray(String[]::new);
            assertThat(text(pom, path).or(() -> parentOf(pom).flatMap(parent -> text(parent, path))))
                    .as(String.join("/", path))
                    .isPresent();
        }
    }

    @ParameterizedTest(name = "''{0}''")
    @MethodSource("published")
    @DisplayName("have one version, and name no repository")
    void oneVersion(String module) {
        Element pom = pom(module);

        assertThat(text(pom, "version").or(() -> text(pom, "parent", "version")))
                .isEqualTo(text(PARENT, "version"));
        assertThat(pom.getElementsByTagName("repositories").getLength()).isZero();
        assertThat(pom.getElementsByTagName("pluginRepositories").getLength()).isZero();
        assertThat(pom.getElementsByTagName("distributionManagement").getLength())
                .isZero();
    }

    @Test
    @DisplayName("of archives are listed in the BOM with their types, and nothing else is")
    void bom() {
        List<String> archives = published()
                .map(PublishedPomsTest::pom)
                .filter(pom -> !text(pom, "packaging").equals(Optional.of("pom")))
                .map(pom -> named(pom, "packaging"))
                .toList();

        assertThat(children(BOM, "dependencyManagement", "dependencies", "dependency")
                        .map(dependency -> named(dependency, "type")))
                .containsExactlyInAnyOrderElementsOf(archives);
    }

    @Test
    @DisplayName("include a BOM without a parent, because everybody would import the parent's test libraries")
    void bomWithoutParent() {
        assertThat(children(BOM, "parent")).isEmpty();
        for (String same : List.of("url", "inceptionYear")) {
            assertThat(text(BOM, same)).isEqualTo(text(PARENT, same));
        }
        for (String same : List.of("connection", "developerConnection", "url")) {
            assertThat(text(BOM, "scm", same)).isEqualTo(text(PARENT, "scm", same));
        }
    }

    /** Maven needs a plugin in every module if it is called by its prefix, as in {@code mvn spotless:apply}. */
    @Test
    @DisplayName("include a BOM with the plugins that are called in the whole project, in the parent's versions")
    void pluginsOfTheBom() {
        List<String> managed = versions(BOM);

        assertThat(managed).anyMatch(plugin -> plugin.startsWith("spotless-maven-plugin:"));
        assertThat(versions(PARENT)).containsAll(managed);
    }

    private static List<String> versions(Element pom) {
        return children(pom, "build", "pluginManagement", "plugins", "plugin")
                .map(plugin -> named(plugin, "version"))
                .toList();
    }

    private static String named(Element element, String type) {
        return text(element, "artifactId").orElseThrow() + ":"
                + text(element, type).orElse("jar");
    }

    private static Optional<Element> parentOf(Element pom) {
        return children(pom, "parent").findFirst().map(parent -> PARENT);
    }

    private static Optional<String> text(Element element, String... path) {
        return texts(element, path).stream().findFirst();
    }

    private static List<String> texts(Element element, String... path) {
        return children(element, path)
                .map(child -> child.getTextContent().strip())
                .filter(text -> !text.isEmpty())
                .toList();
    }

    private static Stream<Element> children(Element element, String... path) {
        List<Element> found = List.of(element);
        for (String name : path) {
            List<Element> next = new ArrayList<>();
            found.forEach(parent -> IntStream.range(0, parent.getChildNodes().getLength())
                    .mapToObj(parent.getChildNodes()::item)
                    .filter(node -> node.getNodeType() == Node.ELEMENT_NODE
                            && node.getNodeName().equals(name))
                    .forEach(node -> next.add((Element) node)));
            found = next;
        }
        return found.stream();
    }

    private static Element pom(String module) {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(ROOT.resolve(module).resolve("pom.xml").toFile())
                    .getDocumentElement();
        } catch (IOException | SAXException | ParserConfigurationException e) {
            throw new IllegalStateException(module, e);
        }
    }
}
