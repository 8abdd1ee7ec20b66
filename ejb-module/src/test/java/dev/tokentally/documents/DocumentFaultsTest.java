package dev.tokentally.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OnOneJdk
@DisplayName("The check of the documents")
class DocumentFaultsTest {

    private static Repository repository;

    @BeforeAll
    static void read() {
        repository = new Repository(Path.of(".."));
    }

    @ParameterizedTest
    @DisplayName("finds a link without a target")
    @ValueSource(
            strings = {
                "[gone](docs/gone.md)",
                "[gone](docs/README.md#gone)",
                "[gone](#gone)",
                "![gone](docs/gone.png)",
                "[![gone](docs/gone.png)](docs/README.md)",
                "[outside](../elsewhere.md)",
                "# Twice\n\n# Twice\n\n[thrice](#twice-2)",
                "```\n# in code\n```\n[a comment](#in-code)"
            })
    void link(String text) {
        assertThat(new Links(repository).faults(document(text))).hasSize(1);
    }

    @ParameterizedTest
    @DisplayName("accepts a link with a target")
    @ValueSource(
            strings = {
                "[here](docs/README.md)",
                "[here](docs/README.md#documents)",
                "# A `b.c`, and d\n[here](#a-bc-and-d)",
                "# Twice\n\n# Twice\n\n[twice](#twice-1)",
                "[elsewhere](https://example.com/gone.md)",
                "`[no link](gone.md)`"
            })
    void goodLink(String text) {
        assertThat(new Links(repository).faults(document(text))).isEmpty();
    }

    @Test
    @DisplayName("reads a section to its end, although a comment in a block of code looks like a heading")
    void section() {
        assertThat(document("# A\n```\n# a comment\n```\nthe `end`\n# B\n`more`")
                        .section("A")
                        .codeSpans())
                .containsExactly("end");
    }

    @ParameterizedTest
    @DisplayName("finds a command that does not exist")
    @ValueSource(
            strings = {
                "mvn -Pgone verify",
                "mvn -P gone verify",
                "mvn verifi",
                "mvn gone:apply",
                "mvn --gone verify",
                "mvn verify -Dgone=true",
                "mvn verify -Dtokentally.gone=1",
                "mvn verify -Dservers=payara",
                "mvn verify -Dit.test=RecordingIT,GoneIT",
                "mvn test -pl gone-module -am",
                "cd docs && mvn -Pgone verify",
                "TOKENTALLY_GONE=1 mvn -Prun verify",
                "mvn dependency:copy -Dartifact=fish.payara.extras:payara-micro:5.2020.1",
                "mvn dependency:copy -Dartifact=fish.payara.extras:payara-gone:6.2025.10",
                "java -cp h2.jar org.h2.tools.Gone",
                "java -jar gone.jar",
                "curl http://localhost:8080/tokentally/api/v1/gone",
                "curl -d '{}' http://localhost:8080/tokentally/api/v1/usage",
                "curl -X PUT http://localhost:8080/tokentally/api/v1/keys",
                "curl -H 'A: b' \\\n  -d '{\"a\": 1}' \"http://localhost:8080/tokentally/api/v1/recording?a=b\"",
                "curl http://localhost:8080/health/gone",
                "psql -v ON_ERROR_STOP=1 -f scripts/V99__gone.sql",
                "psql -f scripts/2_cost_source.sql",
                "unzip tokentally-ejb.jar 'dev/tokentally/gone/*.sql'",
                "unzip -j tokentally-ejb.jar 'dev/tokentally/*V4__meters.sql' -d scripts"
            })
    void command(String command) {
        assertThat(new Commands(repository).faults(document("```\n" + command + "\n```")))
                .hasSize(1);
        assertThat(new Commands(repository).faults(document("Try `" + command.replace("\\\n", "") + "`.")))
                .hasSize(1);
    }

    @ParameterizedTest
    @DisplayName("accepts a command that exists")
    @ValueSource(
            strings = {
                "mvn -o -q spotless:apply -pl ejb-module # the format",
                "mvn verify -Dservers=payara-micro,wildfly -Dit.test=RecordingIT -Dtest=NoUnitTests",
                "$ mvn -Pchaos verify -Dchaos.seed=…",
                "mvn dependency:copy -Dartifact=fish.payara.extras:payara-micro:6.2025.10",
                "TOKENTALLY_PRICES_FILE=prices.csv mvn -Prun -Dtokentally.port=9090 verify",
                "curl -i -d '{}' http://localhost:8080/tokentally/api/v1/erasures",
                "curl -X DELETE http://localhost:8080/tokentally/api/v1/prices/repricings/1",
                "curl https://example.com/gone",
                "curl http://localhost:9990/health",
                "unzip tokentally-ejb.jar 'dev/tokentally/*V4__meters.sql' -d scripts",
                "unzip -j tokentally-ejb.jar 'dev/tokentally/schema/*.sql' 'dev/tokentally/schema/V1*' -d scripts"
            })
    void goodCommand(String command) {
        assertThat(new Commands(repository).faults(document("```\n" + command + "\n```")))
                .isEmpty();
    }

    @ParameterizedTest
    @DisplayName("finds a path that the API does not have")
    @ValueSource(strings = {"GET /gone", "POST /usage", "DELETE /api/v1/keys", "/usage/gone", "/api/v1/usage/al"})
    void path(String path) {
        assertThat(new Commands(repository).unknownPaths(document("Ask `" + path + "`.")))
                .hasSize(1);
    }

    @ParameterizedTest
    @DisplayName("finds a key or a variable that nothing reads")
    @ValueSource(
            strings = {
                "`tokentally.gone`",
                "`tokentally.users=hashed`",
                "```properties\ntokentally.spool.dir=/var\n```",
                "`TOKENTALLY_GONE`",
                "```\nTOKENTALLY_GONE=1 something\n```"
            })
    void key(String text) {
        assertThat(new Keys(repository).faults(document(text))).hasSize(1);
    }

    @Test
    @DisplayName("finds a key that the table lacks, has twice or has with a wrong default, and one that does not exist")
    void table() {
        Document good = repository.document("docs/configuration.md");
        String row = good.text()
                .lines()
                .filter(line -> line.startsWith("| `tokentally.recording.max-wait`"))
                .findFirst()
                .orElseThrow();
        Keys keys = new Keys(repository);

        assertThat(keys.faultsOfTable(document(good.text().replace(row + "\n", ""))))
                .containsExactly("tokentally.recording.max-wait is not in the table");
        assertThat(keys.faultsOfTable(document(good.text().replace(row, row + "\n" + row))))
                .containsExactly("tokentally.recording.max-wait is in the table twice");
        assertThat(keys.faultsOfTable(document(good.text().replace("`1s`", "`2s`"))))
                .containsExactly("tokentally.recording.max-wait has the default 1s, and not `2s`");
        assertThat(keys.faultsOfTable(document(good.text().replace(row, row + "\n| `tokentally.gone` | a | b | c |"))))
                .containsExactly("tokentally.gone is in the table, and no Setting");
    }

    private static Document document(String text) {
        return new Document(repository.root.resolve("README.md"), text);
    }
}
