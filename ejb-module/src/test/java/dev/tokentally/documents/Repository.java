package dev.tokentally.documents;

import dev.tokentally.config.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The contents of the repository that documents may name. */
final class Repository {

    private static final Set<String> NOT_OURS = Set.of("target", ".git", "data");
    /** The first text of a message that is logged. Messages that are made elsewhere begin with no text here. */
    private static final Pattern WARNING =
            Pattern.compile("Level\\.(?:WARNING|ERROR),[^\";]*\"((?:[^\"\\\\]|\\\\.)*)\"");

    private static final Pattern PROPERTY_THAT_IS_READ = Pattern.compile(
            "(?:getProperty|getInteger|getLong|getBoolean)\\(\\s*\"([^\"]+)\"|\"(tokentally\\.[a-z.-]+)\"");

    final Path root;
    private final List<Path> files = new ArrayList<>();
    private final String poms;
    private final String javaSources;
    private final String openApi;
    private final List<String> messages;
    private final List<String> warnings;
    private final Set<String> properties = new TreeSet<>();
    private final Map<String, Setting<?>> settings = new LinkedHashMap<>();

    Repository(Path root) {
        this.root = root.toAbsolutePath().normalize();
        list();
        poms = texts(file -> file.endsWith("pom.xml"));
        javaSources = texts(file -> file.toString().endsWith(".java")
                && !file.startsWith(this.root.resolve("ejb-module/src/test/java/dev/tokentally/documents")));
        List<String> joined = files.stream()
                .filter(file -> file.toString().contains("/src/main/java/"))
                .map(file -> read(file).replaceAll("\"\\s*\\+\\s*\"", ""))
                .toList();
        messages = joined.stream().map(text -> text.replace("\\\"", "\"")).toList();
        warnings = joined.stream()
                .flatMap(text -> WARNING.matcher(text).results())
                .map(found -> found.group(1).strip())
                .distinct()
                .toList();
        openApi = read(this.root.resolve("web-module/src/main/resources/META-INF/openapi.yaml"));
        groups("\\$\\{([a-zA-Z][\\w.-]*)\\}", poms, properties);
        groups("<([a-zA-Z][\\w.-]*)>[^<]*</\\1>", poms, properties);
        PROPERTY_THAT_IS_READ
                .matcher(javaSources)
                .results()
                .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
                .forEach(properties::add);
        Arrays.stream(Setting.class.getFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == Setting.class)
                .map(Repository::setting)
                .forEach(setting -> settings.put(setting.key(), setting));
    }

    /** README.md, CONTRIBUTING.md, CHANGELOG.md and docs/*.md. */
    List<Document> documents() {
        return files.stream()
                .filter(file -> file.toString().endsWith(".md"))
                .filter(file ->
                        file.getParent().equals(root) || file.getParent().equals(root.resolve("docs")))
                .map(Document::read)
                .toList();
    }

    Document document(String name) {
        return Document.read(root.resolve(name));
    }

    /** The files of production and tests that name documents in messages or comments. */
    List<Path> sources() {
        return files.stream()
                .filter(file -> file.toString().matches(".*\\.(java|sql|yaml|js|csv)|.*pom\\.xml"))
                .filter(file -> !file.endsWith("DocumentFaultsTest.java"))
                .toList();
    }

    /** The POMs of all modules, of the BOM and of the example. */
    List<Path> poms() {
        return files.stream().filter(file -> file.endsWith("pom.xml")).toList();
    }

    boolean hasProfile(String profile) {
        return poms.replaceAll("(?s)<!--.*?-->", "")
                .matches("(?s).*<profile>\\s*<id>" + Pattern.quote(profile) + "</id>.*");
    }

    boolean hasModule(String module) {
        return poms.contains("<module>" + module + "</module>")
                && Files.isRegularFile(root.resolve(module + "/pom.xml"));
    }

    boolean hasArtifact(String artifactId) {
        return poms.contains("<artifactId>" + artifactId + "</artifactId>");
    }

    /** Whether the POMs have the artifact of the coordinates {@code GROUP:ARTIFACT:VERSION}, and the version. */
    boolean hasVersion(String coordinates) {
        String[] parts = coordinates.split(":");
        return parts.length == 3 && hasArtifact(parts[1]) && poms.contains(">" + parts[2] + "<");
    }

    /** Whether a POM or a class reads a property of the name. */
    boolean readsProperty(String name) {
        return properties.contains(name);
    }

    boolean hasPlugin(String prefix) {
        return hasArtifact(prefix + "-maven-plugin") || hasArtifact("maven-" + prefix + "-plugin");
    }

    /** The version of the POMs. */
    String version() {
        return poms.replaceFirst("(?s).*?<artifactId>tokentally-parent</artifactId>\\s*<version>([^<]+)<.*", "$1");
    }

    boolean hasTestClass(String simpleName) {
        return files.stream()
                .anyMatch(file -> file.getFileName().toString().equals(simpleName + ".java")
                        && file.toString().contains("/src/test/"));
    }

    /** Whether a script of the schema has the name. */
    boolean hasScript(String name) {
        return files.stream()
                .anyMatch(file -> file.getFileName().toString().equals(name)
                        && file.startsWith(root.resolve("ejb-module/src/main/resources/dev/tokentally")));
    }

    /**
     * The resources of the EJB module that unzip would take out of its jar.
     *
     * @param pattern as in {@code dev/tokentally/schema*}{@code /*.sql}; the star also stands for slashes, as it does for unzip
     */
    List<Path> resources(String pattern) {
        Path resources = root.resolve("ejb-module/src/main/resources");
        String regex = Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return files.stream()
                .filter(file -> file.startsWith(resources))
                .map(resources::relativize)
                .filter(file -> file.toString().matches(regex))
                .toList();
    }

    /** Whether the OpenAPI document has the path for the method. */
    boolean answers(String method, String path) {
        String template = "";
        for (String line : openApi.lines().toList()) {
            if (line.matches(" {2}/\\S+:")) {
                template = line.strip().replaceFirst(":$", "").replaceAll("\\{[^}]*}", "[^/]+");
            } else if (line.equals("    " + method.toLowerCase(Locale.ROOT) + ":") && path.matches(template)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the OpenAPI document has a path that is this one or begins with it. */
    boolean answersBelow(String path) {
        return openApi.lines()
                .anyMatch(
                        line -> line.startsWith("  /api/v1" + path + ":") || line.startsWith("  /api/v1" + path + "/"));
    }

    /** Whether a class of the product has the parts of a message, one soon after the other. */
    boolean writes(List<String> parts) {
        Pattern message = Pattern.compile(
                parts.stream().map(Pattern::quote).collect(Collectors.joining(".{0,500}?")), Pattern.DOTALL);
        return messages.stream().anyMatch(text -> message.matcher(text).find());
    }

    /** The beginnings of the lines that the product logs as WARNING or ERROR. */
    List<String> warnings() {
        return warnings;
    }

    Map<String, Setting<?>> settings() {
        return settings;
    }

    /** Whether an environment variable sets a key, or whether the run command reads it. */
    boolean readsVariable(String name) {
        return settings.keySet().stream().anyMatch(key -> key.replaceAll("[^A-Za-z0-9]", "_")
                        .toUpperCase(Locale.ROOT)
                        .equals(name))
                || javaSources.contains("\"" + name + "\"");
    }

    /** The keys that the product's code names outside {@link Setting}, with their files. */
    Map<String, Path> keysInTheCode() {
        Map<String, Path> keys = new LinkedHashMap<>();
        for (Path file : files) {
            String name = root.relativize(file).toString();
            if (name.matches("(ejb|health|langchain4j|web)-module/src/main/.*\\.(java|properties)")
                    && !name.endsWith("config/Setting.java")) {
                Pattern.compile(
                                "\"(tokentally\\.[a-z.-]+[a-z])[\"=]|^(tokentally\\.[a-z.-]+[a-z])\\s*=",
                                Pattern.MULTILINE)
                        .matcher(read(file))
                        .results()
                        .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
                        .forEach(key -> keys.put(key, file));
            }
        }
        return keys;
    }

    private static Setting<?> setting(Field field) {
        try {
            return (Setting<?>) field.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static void groups(String regex, String text, Set<String> into) {
        Pattern.compile(regex)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .forEach(into::add);
    }

    private String texts(Predicate<Path> which) {
        StringBuilder texts = new StringBuilder();
        files.stream().filter(which).sorted().forEach(file -> texts.append(read(file)));
        return texts.toString();
    }

    private static String read(Path file) {
        return Document.read(file).text();
    }

    private void list() {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    String name = Optional.ofNullable(directory.getFileName())
                            .map(Path::toString)
                            .orElse("");
                    return NOT_OURS.contains(name) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    files.add(file);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.sort(null);
    }
}
