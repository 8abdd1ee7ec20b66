package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.langchain4j.openai.OpenAiStub;
import dev.tokentally.langchain4j.openai.Shape;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Reads the README and does what it says. Then it reads docs/quickstart.md and goes on with a real model. */
@DisplayName("The quick start")
class QuickstartIT {

    private static final Document README = Document.of("README.md").section("Quick start");
    private static final Document PAGE = Document.of("docs/quickstart.md");
    private static final String BEANS = "src/main/webapp/WEB-INF/beans.xml";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    private static final Pattern INSTANT = Pattern.compile("^\\S+Z ");
    private static final String COMMENT = "# ";

    private final TestServer server = TestServer.current();

    @Test
    @DisplayName("shows all files of the example once, exactly as they are, and those of the first row in the README")
    void files() throws IOException {
        Path example = Document.root().resolve("examples/quickstart");
        Map<String, String> there = new TreeMap<>();
        try (Stream<Path> files = Files.walk(example)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                there.put(example.relativize(file).toString(), Files.readString(file));
            }
        }
        there.keySet().removeIf(file -> file.startsWith("target/"));

        Map<String, String> shown = new TreeMap<>(README.files());
        assertThat(shown).doesNotContainKeys(PAGE.files().keySet().toArray(String[]::new));
        shown.putAll(PAGE.files());
        assertThat(shown).isEqualTo(there);
    }

    @Test
    @DisplayName("leads to the first row by the README alone")
    void firstRow() throws Exception {
        TypedProject project = TypedProject.typed(README.files());
        List<String> run = commandsFor(server);
        List<String> see = README.blocks("").get(1).lines().toList();
        switch (server) {
            case PAYARA_MICRO -> onPayaraMicro(project, run, see);
            case PAYARA_SERVER -> onPayaraServer(project, run, see);
            case WILDFLY -> onWildFly(project, run, see);
            default -> throw new AssertionError(server);
        }
    }

    /** The commands for every server, and then those below the comment that names this one. */
    private static List<String> commandsFor(TestServer server) {
        List<String> commands = new ArrayList<>();
        boolean ours = true;
        for (String line : README.blocks("").get(0).lines().toList()) {
            if (line.startsWith(COMMENT)) {
                ours = line.startsWith(COMMENT + server.title());
            } else if (ours) {
                commands.add(line);
            }
        }
        return commands;
    }

    /**
     * The last command starts the server. The test adds options, such as a port and an address, so that it runs beside other
     * servers.
     */
    private void onPayaraMicro(TypedProject project, List<String> run, List<String> see) throws Exception {
        for (String command : run.subList(0, run.size() - 1)) {
            project.run(command, Map.of());
        }
        String start = run.get(run.size() - 1) + " --port " + Settings.port("other-node")
                + " --nohazelcast --prebootcommandfile "
                + Settings.configuration().resolve("payara-micro-preboot.asadmin");
        URI root = URI.create("http://127.0.0.1:" + Settings.port("other-node"));
        Path temporary = Files.createDirectories(server.directory().resolve("quickstart-tmp"));
        Map<String, String> environment =
                new HashMap<>(Map.of("JAVA_TOOL_OPTIONS", "-Xmx512m -Djava.io.tmpdir=" + temporary));
        withServer(project, start, environment, " ready in ", () -> seeTheFirstRow(see, root));

        try (OpenAiStub provider = OpenAiStub.start()) {
            project.type(PAGE.files());
            project.replace(
                    BEANS,
                    "</beans>",
                    PAGE.section("Ask a real model").blocks("xml").get(0) + "</beans>");
            project.run(run.get(0), Map.of());
            environment.put("OPENAI_API_KEY", OpenAiStub.KEY);
            environment.put("OPENAI_BASE_URL", provider.baseUrl());
            environment.put("OPENAI_MODEL", Shape.SUCCESS.model());
            withServer(project, start, environment, " ready in ", () -> {
                assertThat(ask(see.get(1), root))
                        .as("the row of the first start")
                        .hasSize(1);
                assertThat(ask(see.get(0), root)).containsExactly("The fox is quick.");
                assertThat(ask(see.get(1), root))
                        .hasSize(2)
                        .element(0)
                        .asString()
                        .containsPattern(" gpt-4o-mini-2024-07-18 19\\+10 tokens, 0\\.0*[1-9]\\d* USD");
            });
        }
    }

    private void withServer(
            TypedProject project, String start, Map<String, String> environment, String ready, Runnable test)
            throws Exception {
        Path log = Files.createTempFile(server.directory(), "quickstart-", ".log");
        Process process = project.start(start, environment, log);
        try {
            awaitReady(process, log, ready);
            test.run();
            assertThat(Files.readString(log))
                    .as("a set-up that is right has no warning of calls without rows")
                    .doesNotContain("have no records", "have no rows", "has no row", "@LlmOperation has no effect");
        } finally {
            stop(process);
        }
    }

    /** The build has already started the domain. */
    private void onPayaraServer(TypedProject project, List<String> run, List<String> see) throws Exception {
        Map<String, String> environment = Map.of("AS_ADMIN_PORT", Integer.toString(Settings.port("admin")));
        assertThat(run).contains("asadmin start-domain");
        for (String command : run) {
            if (!command.equals("asadmin start-domain")) {
                project.run(command, environment);
            }
        }
        try {
            // Whoever changes the application types this again.
            project.run(run.get(run.size() - 1), environment);
            seeTheFirstRow(see, server.uri(""));
        } finally {
            project.run("asadmin undeploy quickstart", environment);
        }
    }

    private void onWildFly(TypedProject project, List<String> run, List<String> see) throws Exception {
        // Without the second variable its script would not pass on the signal that stops it.
        Map<String, String> environment =
                Map.of("JBOSS_HOME", freshWildFly().toString(), "LAUNCH_JBOSS_IN_BACKGROUND", "true");
        for (String command : run.subList(0, run.size() - 1)) {
            project.run(command, environment);
        }
        String start = run.get(run.size() - 1) + " -Djboss.http.port=" + Settings.port("other-node")
                + " -Djboss.https.port=0 -Djboss.management.http.port=0";
        URI root = URI.create("http://127.0.0.1:" + Settings.port("other-node"));
        withServer(project, start, environment, "WFLYSRV0025", () -> seeTheFirstRow(see, root));
    }

    /**
     * A WildFly as it is unpacked. What no command changes is a link. It is not in the server's directory, since Ant would empty
     * the targets of the links with it.
     */
    private Path freshWildFly() throws IOException {
        Path unpacked = Path.of(Settings.text("wildfly.home"));
        Path home = Path.of(Settings.text("quickstart.directory")).resolve("wildfly");
        TypedProject.delete(home);
        Files.createDirectories(home);
        for (String entry : List.of("bin", "docs", "jboss-modules.jar", "modules", "welcome-content")) {
            Files.createSymbolicLink(home.resolve(entry), unpacked.resolve(entry));
        }
        Files.createDirectories(home.resolve("standalone/deployments"));
        Path configuration = Files.createDirectories(home.resolve("standalone/configuration"));
        for (String file : List.of(
                "logging.properties",
                "application-users.properties",
                "mgmt-users.properties",
                "application-roles.properties",
                "mgmt-groups.properties")) {
            Files.copy(unpacked.resolve("standalone/configuration").resolve(file), configuration.resolve(file));
        }
        Files.copy(unpacked.resolve("pristine.xml"), configuration.resolve("standalone.xml"));
        return home;
    }

    /**
     * The third line is a comment with the answer of the second. Other tests may have rows of the same tenant in the server's
     * data source. The newest row is ours.
     */
    private static void seeTheFirstRow(List<String> lines, URI root) {
        assertThat(lines).hasSize(3).element(2).asString().startsWith(COMMENT);
        assertThat(ask(lines.get(0), root)).containsExactly("A summary of 11 characters.");
        assertThat(ask(lines.get(1), root))
                .element(0)
                .extracting(QuickstartIT::withoutInstant)
                .isEqualTo(withoutInstant(lines.get(2).substring(COMMENT.length())));
    }

    private static String withoutInstant(String row) {
        Matcher instant = INSTANT.matcher(row);
        assertThat(instant.find()).as(row).isTrue();
        return row.substring(instant.end());
    }

    /** Sends the request of a curl command to another server, and returns the lines of the answer. */
    private static List<String> ask(String curl, URI root) {
        List<String> words = new ArrayList<>();
        WORD.matcher(curl).results().forEach(word -> words.add(word.group(1) == null ? word.group(2) : word.group(1)));
        assertThat(words).element(0).isEqualTo("curl");
        String address = words.get(words.size() - 1);
        assertThat(address).startsWith("http://localhost:8080/");
        HttpRequest.Builder request =
                HttpRequest.newBuilder(root.resolve(URI.create(address).getPath()));
        for (int i = 1; i < words.size() - 1; i += 2) {
            String value = words.get(i + 1);
            switch (words.get(i)) {
                case "-H" -> request.header(value.split(": ")[0], value.split(": ")[1]);
                case "-d" -> request.POST(BodyPublishers.ofString(value));
                default -> throw new AssertionError(curl);
            }
        }
        HttpResponse<String> answer = Http.send(request);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body().lines().toList();
    }

    /**
     * At a second start Payara Micro first answers with the earlier deployment and then deploys again. A server is ready when
     * its log says so.
     */
    private static void awaitReady(Process process, Path log, String ready) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.readString(log).contains(ready)) {
            if (System.nanoTime() > deadline || !process.isAlive()) {
                throw new AssertionError("it does not get ready, see " + log);
            }
            Thread.sleep(100);
        }
    }

    private static void stop(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            TypedProject.kill(process);
            process.waitFor();
        }
    }
}
