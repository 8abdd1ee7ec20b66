package dev.tokentally.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.w3c.dom.NodeList;

@OnOneJdk
@DisplayName("The tables of dependencies in docs/rationale.md")
class DependenciesTest {

    /** A licence as POMs name it, by a regular expression, and as the tables do. */
    private static final Map<String, String> LICENCES = Map.of(
            "(The )?Apache( Software)?( License,? Version |-)2\\.0", "Apache-2.0",
            "MIT License", "MIT",
            "Eclipse Public License( -)?( v\\.?)? ?2\\.0", "EPL-2.0",
            "EPL 1\\.0", "EPL-1.0",
            "(MPL|Mozilla Public License, Version) 2\\.0", "MPL-2.0",
            "GNU Library General Public License v2\\.1 or later", "LGPL-2.1-or-later",
            "Eclipse Distribution License - v 1\\.0", "BSD-3-Clause",
            "CDDL \\+ GPLv2 with classpath exception", "CDDL or GPL-2.0 with Classpath exception",
            "GNU General Public License.*[vV]ersion 2.* with the (GNU )?Classpath Exception",
                    "GPL-2.0 with Classpath exception");

    private final Repository repository = new Repository(Path.of(".."));

    /** The licence of each dependency, by {@code GROUP:ARTIFACT}. */
    private final Map<String, String> tables = tables();

    @Test
    @DisplayName("have every dependency of every POM, and no other")
    void everyDependency() {
        String dependency = "//dependency[not(ancestor::dependencyManagement or ancestor::plugin)]";
        List<String> used = repository.poms().stream()
                .flatMap(pom -> names(pom, dependency))
                .filter(name -> !name.startsWith("dev.tokentally:"))
                // PostgreSQL's binaries. Their name ends with that of the platform.
                .filter(name -> !name.contains("${"))
                .distinct()
                .toList();

        assertThat(tables.keySet()).containsExactlyInAnyOrderElementsOf(used);
    }

    /** A dependency that only another part of the build uses may not have been fetched yet. */
    @Test
    @DisplayName("have the licences that the dependencies' own POMs name")
    void licences() {
        List<String> versions =
                texts(repository.root.resolve("pom.xml"), "/project/properties/*[contains(name(), 'version')]");
        Map<String, List<String>> found = new TreeMap<>();
        tables.keySet().forEach(name -> versions.stream()
                .map(version -> fetched(name, version))
                .filter(Files::exists)
                .forEach(pom -> found.put(name, licences(pom))));

        assertThat(found).hasSizeGreaterThan(20).allSatisfy((name, licences) -> assertThat(licences)
                .isNotEmpty()
                .allSatisfy(licence -> assertThat(tables.get(name)).contains(licence)));
    }

    private Map<String, String> tables() {
        Map<String, String> tables = new HashMap<>();
        Document rationale = repository.document("docs/rationale.md");
        for (String section : List.of("What customers get", "What only the build and the tests use")) {
            for (List<String> row : rationale.section(section).tableRows()) {
                String group = "";
                String named = row.get(0).replaceFirst("\\(with .*", "");
                for (String name : new Document(rationale.file(), named).codeSpans()) {
                    group = name.contains(":") ? name.replaceFirst(":.*", "") : group;
                    tables.put(group + ":" + name.replaceFirst(".*:", ""), row.get(1));
                }
            }
        }
        return tables;
    }

    /** The licences that a POM names, or else those of its parent, as the tables write them. */
    private static List<String> licences(Path pom) {
        List<String> own = texts(pom, "/project/licenses/license/name");
        if (!own.isEmpty()) {
            return own.stream().map(DependenciesTest::inTheTables).toList();
        }
        String version = texts(pom, "/project/parent/version").get(0);
        return licences(fetched(names(pom, "/project/parent").findFirst().orElseThrow(), version));
    }

    private static String inTheTables(String licence) {
        return LICENCES.entrySet().stream()
                .filter(known -> licence.matches(known.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(licence);
    }

    /** A POM in Maven's local repository. AssertJ's jar shows where that is. */
    private static Path fetched(String name, String version) {
        String group = name.replaceFirst(":.*", "");
        String artifact = name.replaceFirst(".*:", "");
        return new File(Assertions.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .toPath()
                .resolve("../../../../..")
                .normalize()
                .resolve(group.replace('.', '/'))
                .resolve(artifact)
                .resolve(version)
                .resolve(artifact + "-" + version + ".pom");
    }

    private static Stream<String> names(Path pom, String path) {
        List<String> groups = texts(pom, path + "/groupId");
        List<String> artifacts = texts(pom, path + "/artifactId");
        return IntStream.range(0, groups.size()).mapToObj(i -> groups.get(i) + ":" + artifacts.get(i));
    }

    private static List<String> texts(Path pom, String path) {
        try {
            NodeList nodes = (NodeList) XPathFactory.newInstance()
                    .newXPath()
                    .evaluate(
                            path,
                            DocumentBuilderFactory.newInstance()
                                    .newDocumentBuilder()
                                    .parse(pom.toFile()),
                            XPathConstants.NODESET);
            return IntStream.range(0, nodes.getLength())
                    .mapToObj(i -> nodes.item(i).getTextContent().strip())
                    .toList();
        } catch (Exception e) {
            throw new IllegalStateException(pom.toString(), e);
        }
    }
}
