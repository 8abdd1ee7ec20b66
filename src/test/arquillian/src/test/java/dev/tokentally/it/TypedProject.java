package dev.tokentally.it;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A folder with the files of a document, as if somebody had typed them. Its commands run with a Maven of its own. The local
 * repository of this Maven is the one of this build, with the modules as an installation puts them there.
 */
final class TypedProject {

    private static final String GROUP = "dev/tokentally";

    private final Path folder;

    private TypedProject(Path folder) {
        this.folder = folder;
    }

    /** Writes the files into an empty folder. */
    static TypedProject typed(Map<String, String> files) throws IOException {
        Path directory = Path.of(Settings.text("quickstart.directory"));
        Path folder = directory.resolve("project");
        delete(folder);
        TypedProject project = new TypedProject(folder);
        project.type(files);
        Path repository = directory.resolve("repository");
        overlay(repository);
        Files.writeString(
                Files.createDirectories(folder.resolve(".mvn")).resolve("maven.config"),
                String.join("\n", options(repository)));
        return project;
    }

    /** Adds files. */
    void type(Map<String, String> files) throws IOException {
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
    }

    /** This repository, in which the build already runs. The commands must not touch what this build makes. */
    static TypedProject ofThisBuild() {
        return new TypedProject(Document.root());
    }

    /** The options with which a Maven of its own finds what this Maven finds. */
    static List<String> options(Path repository) {
        List<String> options = new ArrayList<>(List.of("--no-transfer-progress", "-Dmaven.repo.local=" + repository));
        if (Settings.text("maven.offline").equals("offline=true")) {
            options.add("--offline");
        }
        String settings = Settings.text("maven.settings");
        if (Files.exists(Path.of(settings.substring(settings.indexOf('=') + 1)))) {
            options.add(settings);
        }
        return options;
    }

    /** Deletes a folder, but not what the links in it lead to. */
    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Makes a repository in which the plugins and libraries of this build are links and our modules are files. */
    private static void overlay(Path repository) throws IOException {
        Path real = Path.of(Settings.text("maven.repository"));
        link(real, repository, "dev");
        link(real.resolve("dev"), repository.resolve("dev"), "tokentally");
        install(repository, "", "tokentally-parent", "pom");
        install(repository, "tokentally-bom", "tokentally-bom", "pom");
        install(repository, "health-module", "tokentally-health", "jar");
        install(repository, "ejb-module", "tokentally-ejb", "jar");
    }

    private static void link(Path from, Path to, String exceptFor) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                Path link = to.resolve(entry.getFileName().toString());
                if (!entry.endsWith(exceptFor) && !Files.exists(link)) {
                    Files.createSymbolicLink(link, entry.toAbsolutePath());
                }
            }
        }
    }

    private static void install(Path repository, String module, String artifactId, String extension)
            throws IOException {
        Path source = Document.root().resolve(module);
        String version = Settings.text("product.version");
        Path target = Files.createDirectories(
                repository.resolve(GROUP).resolve(artifactId).resolve(version));
        copy(source.resolve("pom.xml"), target.resolve(artifactId + "-" + version + ".pom"));
        if (!extension.equals("pom")) {
            copy(
                    source.resolve("target/" + artifactId + "." + extension),
                    target.resolve(artifactId + "-" + version + "." + extension));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Changes a file. */
    void replace(String file, String what, String by) throws IOException {
        Path path = folder.resolve(file);
        String text = Files.readString(path);
        if (!text.contains(what)) {
            throw new AssertionError("no " + what + " in " + file);
        }
        Files.writeString(path, text.replace(what, by));
    }

    /** Runs a command until it ends. */
    void run(String command, Map<String, String> environment) throws IOException, InterruptedException {
        Path log = folder.resolveSibling("command.log");
        Process process = start(command, environment, log);
        if (process.waitFor() != 0) {
            throw new AssertionError(command + ":\n" + Files.readString(log, StandardCharsets.UTF_8));
        }
    }

    /** Starts a command. It ends with this process at the latest. */
    Process start(String command, Map<String, String> environment, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "exec " + command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Path java = Path.of(System.getProperty("java.home"));
        builder.environment().put("JAVA_HOME", java.toString());
        builder.environment().put("AS_JAVA", java.toString());
        builder.environment().put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        builder.environment()
                .put(
                        "PATH",
                        String.join(
                                File.pathSeparator,
                                java.resolve("bin").toString(),
                                Path.of(Settings.text("maven.home"), "bin").toString(),
                                Settings.text("payara-server.bin"),
                                System.getenv("PATH")));
        builder.environment().putAll(environment);
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> kill(process)));
        return process;
    }

    /** Ends a command at once, with the processes that it has started. */
    static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
