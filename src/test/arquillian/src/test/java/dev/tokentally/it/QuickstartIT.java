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

/** Reads the documents and does what they say. */
@DisplayName("The quick start")
class QuickstartIT {

    private static final Document README = Document.of("README.md");
    private static final Document PAGE = Document.of("docs/quickstart.md");
    private static final String BEANS = "src/main/webapp/WEB-INF/beans.xml";
    private static final String CALLS = "/quickstart/summaries/calls";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    private static final Pattern INSTANT = Pattern.compile("^\\S+Z ");

    private final TestServer server = TestServer.current();

    @Test
    @DisplayName("shows all files of the example, exactly as they are")
    void files() throws IOException {
        Path example = Document.root().resolve("examples/quickstart");
        Map<String, String> there = new TreeMap<>();
        try (Stream<Path> files = Files.walk(example)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                there.put(example.relativize(file).toString(), Files.readString(file));
            }
        }
        there.keySet().removeIf(file -> file.startsWith("target/"));

        assertThat(new TreeMap<>(PAGE.files())).isEqualTo(there);
        assertThat(there).containsAllEntriesOf(README.section("Quick start").files());
    }

    @Test
    @DisplayName("has the same commands in the README and on its own page")
    void commands() {
        List<String> inReadme = README.section("Quick start").commands();

        assertThat(inReadme)
                .containsExactlyElementsOf(Stream.of("1. Install Tokentally", "Payara Micro", "4. See the first row")
                        .flatMap(heading -> PAGE.section(heading).commands().stream())
                        .toList());
        assertThat(inReadme).element(0).isEqualTo("mvn -Plibrary install");
    }

    @Test
    @DisplayName("leads to the first row")
    void firstRow() throws Exception {
        TypedProject project = TypedProject.typed(PAGE.files());
        List<String> run = PAGE.section(server.title()).commands();
        List<String> see = PAGE.section("4. See the first row").commands();
        switch (server) {
            case PAYARA_MICRO -> onPayaraMicro(project, run, see);
            case PAYARA_SERVER -> onPayaraServer(project, run, see);
            case WILDFLY -> onWildFly(project, run, see);
            default -> throw new AssertionError(server);
        }
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
        withPayaraMicro(project, start, environment, "first", () -> seeTheFirstRow(see, root));

        try (OpenAiStub provider = OpenAiStub.start()) {
            project.replace(
                    BEANS,
                    "</beans>",
                    PAGE.section("5. Ask a real model").blocks("xml").get(0) + "</beans>");
            project.run(run.get(0), Map.of());
            environment.put("OPENAI_API_KEY", OpenAiStub.KEY);
            environment.put("OPENAI_BASE_URL", provider.baseUrl());
            environment.put("OPENAI_MODEL", Shape.SUCCESS.model());
            withPayaraMicro(project, start, environment, "second", () -> {
                assertThat(ask(see.get(1), root))
                        .as("the row of the first start")
                        .hasSize(1);
                assertThat(ask(see.get(0), root)).containsExactly("The fox is quick.");
                assertThat(ask(see.get(1), root))
                        .hasSize(2)
                        .element(0)
                        .asString()
                        .contains(" gpt-4o-mini-2024-07-18 19+10 tokens, ", " by PRICE_LIST, OK");
            });
        }
    }

    private void withPayaraMicro(
            TypedProject project, String start, Map<String, String> environment, String name, Runnable test)
            throws Exception {
        Path log = server.directory().resolve("quickstart-" + name + ".log");
        Process micro = project.start(start, environment, log);
        try {
            awaitReady(micro, log);
            test.run();
            assertThat(Files.readString(log))
                    .as("a set-up that is right has no warning of calls without rows")
                    .doesNotContain("have no records", "have no rows", "has no row", "@LlmOperation has no effect");
        } finally {
            stop(micro);
        }
    }

    private void onPayaraServer(TypedProject project, List<String> run, List<String> see) throws Exception {
        Map<String, String> environment = Map.of("AS_ADMIN_PORT", Integer.toString(Settings.port("admin")));
        for (String command : run) {
            project.run(command, environment);
        }
        try {
            seeTheFirstRow(see, server.uri(""));
        } finally {
            project.run("asadmin undeploy quickstart", environment);
        }
    }

    private void onWildFly(TypedProject project, List<String> run, List<String> see) throws Exception {
        Path standalone = WildFlyNode.deployments("quickstart").getParent();
        Path home = Files.createDirectories(server.directory().resolve("quickstart-home"));
        Files.createSymbolicLink(home.resolve("standalone"), standalone.toAbsolutePath());
        for (String command : run) {
            project.run(command, Map.of("JBOSS_HOME", home.toString()));
        }
        WildFlyNode node = WildFlyNode.start("quickstart");
        try {
            node.awaitAnswer(CALLS, 200);
            seeTheFirstRow(see, node.uri(""));
        } finally {
            node.stop();
        }
    }

    /** Other tests may have rows of the same tenant in the server's data source. The newest row is ours. */
    private static void seeTheFirstRow(List<String> commands, URI root) {
        assertThat(commands).hasSize(2);
        assertThat(ask(commands.get(0), root)).containsExactly("A summary of 11 characters.");
        assertThat(ask(commands.get(1), root))
                .element(0)
                .extracting(QuickstartIT::withoutInstant)
                .isEqualTo(withoutInstant(PAGE.output().strip()));
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
     * At a second start the server first answers with the earlier deployment and then deploys again. It is ready when its
     * log says so.
     */
    private static void awaitReady(Process micro, Path log) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.readString(log).contains(" ready in ")) {
            if (System.nanoTime() > deadline || !micro.isAlive()) {
                throw new AssertionError("it does not get ready, see " + log);
            }
            Thread.sleep(100);
        }
    }

    private static void stop(Process micro) throws InterruptedException {
        micro.destroy();
        if (!micro.waitFor(30, TimeUnit.SECONDS)) {
            micro.destroyForcibly().waitFor();
        }
    }
}
