package dev.tokentally.documents;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The commands of a document. They are in backticks, and in blocks of code that name no other language than a shell.
 */
final class Commands {

    private static final Set<String> SHELL = Set.of("", "sh", "bash", "shell", "console");
    private static final Set<String> CHECKED = Set.of("mvn", "java", "curl", "psql", "unzip");
    private static final Set<String> SERVERS = Set.of("payara-micro", "payara-server", "wildfly", "none");
    private static final Set<String> PHASES =
            Set.of("clean", "validate", "compile", "test", "package", "verify", "install", "deploy");
    private static final Set<String> MAVEN_OPTIONS = Set.of("-o", "-q", "-am", "-U", "-B", "-N", "-e");
    /** Properties that plugins read by themselves. */
    private static final Set<String> PLUGINS_PROPERTIES = Set.of(
            "test",
            "it.test",
            "jvm",
            "skipTests",
            "maven.test.skip",
            "surefire.failIfNoSpecifiedTests",
            "failsafe.failIfNoSpecifiedTests",
            "altDeploymentRepository",
            "artifact");
    /** Paths of the servers and of the quick start's application, which are not in our API. */
    private static final Pattern SERVERS_OWN_PATH =
            Pattern.compile("/(health(/ready|/live|/started)?|openapi|quickstart/[\\w/]+|[\\w-]+/?)?");

    /** The end of a line that the next one continues. */
    private static final String CONTINUED = "\\\\\\R\\s*";

    private final Repository repository;

    Commands(Repository repository) {
        this.repository = repository;
    }

    /** Names in the document's commands that do not exist. */
    List<String> faults(Document document) {
        Stream<String> blocks = document.codeBlocks().stream()
                .filter(block -> SHELL.contains(block.language()))
                .flatMap(block -> block.text().replaceAll(CONTINUED, "").lines());
        Stream<String> spans =
                document.codeSpans().stream().map(span -> span.matches("-[DP]\\S+") ? "mvn " + span : span);
        return Stream.concat(blocks, spans)
                .flatMap(line -> simpleCommands(line).stream())
                .flatMap(words -> faults(words).stream()
                        .map(fault -> document.file().getFileName() + ": " + fault + " in: " + String.join(" ", words)))
                .toList();
    }

    /** Paths that the document names, as {@code GET /usage} or {@code /usage/by}, and that are not in the API. */
    List<String> unknownPaths(Document document) {
        return document.codeSpans().stream()
                .filter(span -> span.matches("((GET|POST|PUT|DELETE) )?/[\\w/{}-]+(\\?.*)?"))
                .filter(span -> !isPath(span))
                .map(span -> document.file().getFileName() + ": no such path of the API: " + span)
                .toList();
    }

    /**
     * Whether it is a path of the API. A path without a method may be a directory or a path of a server; it counts if
     * it begins like a path of the API.
     */
    private boolean isPath(String span) {
        String path = span.substring(span.indexOf('/'))
                .replaceFirst("\\?.*", "")
                .replaceFirst("^/tokentally(?=/api/)", "")
                .replaceFirst("^/api/v1(?=/|$)", "");
        if (span.startsWith("/")) {
            String room = path.replaceFirst("(?<=.)/.*", "");
            return path.isEmpty() || !repository.answersBelow(room) || repository.answersBelow(path);
        }
        String method = span.substring(0, span.indexOf(' '));
        return repository.answers(method, "/api/v1" + path)
                || method.equals("GET") && path.matches("/health(/ready)?|/openapi");
    }

    private List<String> faults(List<String> words) {
        int first = 0;
        List<String> faults = new ArrayList<>();
        while (first < words.size() && words.get(first).matches("[A-Z_]+=.*")) {
            String name = words.get(first++).replaceFirst("=.*", "");
            if (name.startsWith("TOKENTALLY_") && !repository.readsVariable(name)) {
                faults.add("nothing reads " + name);
            }
        }
        if (first == words.size() || !CHECKED.contains(words.get(first))) {
            return faults;
        }
        List<String> arguments = words.subList(first + 1, words.size());
        switch (words.get(first)) {
            case "mvn" -> maven(arguments, faults);
            case "java" -> java(arguments, faults);
            case "curl" -> curl(arguments, faults);
            case "psql" -> scripts(arguments, faults);
            default -> unzip(arguments, faults);
        }
        return faults;
    }

    private void maven(List<String> arguments, List<String> faults) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            boolean takesNext = argument.equals("-pl") || argument.equals("-P");
            String value = takesNext && i + 1 < arguments.size() ? arguments.get(++i) : "";
            if (argument.startsWith("-P")) {
                split(value.isEmpty() ? argument.substring(2) : value)
                        .filter(profile -> !repository.hasProfile(profile))
                        .forEach(profile -> faults.add("no POM has the profile " + profile));
            } else if (argument.equals("-pl")) {
                split(value)
                        .filter(module -> !repository.hasModule(module))
                        .forEach(module -> faults.add("there is no module " + module));
            } else if (argument.startsWith("-D")) {
                property(argument.substring(2), faults);
            } else if (!isGoal(argument) && !MAVEN_OPTIONS.contains(argument)) {
                faults.add("Maven knows no " + argument);
            }
        }
    }

    private boolean isGoal(String argument) {
        return PHASES.contains(argument)
                || argument.matches("[a-z-]+:[a-z-]+")
                        && repository.hasPlugin(argument.substring(0, argument.indexOf(':')));
    }

    private void property(String assignment, List<String> faults) {
        String name = assignment.replaceFirst("=.*", "");
        String value = assignment.substring(Math.min(assignment.length(), name.length() + 1));
        if (!repository.readsProperty(name) && !PLUGINS_PROPERTIES.contains(name)) {
            faults.add("nothing reads the property " + name);
        } else if (name.equals("servers")) {
            split(value)
                    .filter(server -> !SERVERS.contains(server))
                    .forEach(server -> faults.add("no server " + server));
        } else if (name.equals("artifact") && !repository.hasVersion(value)) {
            faults.add("no POM has " + value);
        } else if (name.equals("test") || name.equals("it.test")) {
            split(value)
                    .map(test -> test.replaceFirst("#.*", ""))
                    .filter(test -> !test.startsWith("NoUnit") && !repository.hasTestClass(test))
                    .forEach(test -> faults.add("there is no test " + test));
        }
    }

    private void java(List<String> arguments, List<String> faults) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("-cp") && i + 2 < arguments.size()) {
                String name = arguments.get(i + 2);
                if (getClass().getResource("/" + name.replace('.', '/') + ".class") == null) {
                    faults.add("there is no class " + name);
                }
            } else if (argument.equals("-jar") && i + 1 < arguments.size()) {
                String jar = arguments.get(i + 1).replaceFirst(".*/", "").replaceFirst("(-[0-9][\\w.-]*)?\\.jar$", "");
                if (!repository.hasArtifact(jar)) {
                    faults.add("no POM knows the jar " + jar);
                }
            }
        }
    }

    private void curl(List<String> arguments, List<String> faults) {
        String method = null;
        String url = null;
        boolean body = false;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if ((argument.equals("-X") || argument.equals("--request")) && i + 1 < arguments.size()) {
                method = arguments.get(++i);
            } else if (argument.equals("-H") || argument.equals("-o") || argument.equals("-u")) {
                i++;
            } else if (argument.equals("-d") || argument.startsWith("--data")) {
                body = true;
                i++;
            } else if (!argument.startsWith("-")) {
                url = argument;
            }
        }
        if (url == null || url.matches("https?://(?!localhost|127\\.0\\.0\\.1).*")) {
            return;
        }
        String path = url.replaceFirst("^https?://[^/]*", "").replaceFirst("\\?.*", "");
        String called = method != null ? method : body ? "POST" : "GET";
        boolean known = path.contains("/api/v1")
                ? repository.answers(called, path.substring(path.indexOf("/api/v1")))
                : SERVERS_OWN_PATH.matcher(path).matches();
        if (!known) {
            faults.add("nothing answers " + called + " " + path);
        }
    }

    private void scripts(List<String> arguments, List<String> faults) {
        for (int i = 0; i + 1 < arguments.size(); i++) {
            if (arguments.get(i).equals("-f")) {
                String script = arguments.get(i + 1).replaceFirst(".*/", "");
                if (!repository.hasScript(script)) {
                    faults.add("there is no script " + script);
                }
                if (!arguments.contains("ON_ERROR_STOP=1")) {
                    faults.add("psql runs the rest of the file after an error without -v ON_ERROR_STOP=1");
                }
            }
        }
    }

    /** With -j, unzip puts all files into one folder, where two of one name would overwrite each other. */
    private void unzip(List<String> arguments, List<String> faults) {
        Set<Path> files = new TreeSet<>();
        for (String argument : arguments) {
            if (argument.startsWith("dev/")) {
                List<Path> found = repository.resources(argument);
                files.addAll(found);
                if (found.isEmpty()) {
                    faults.add("the jar has no " + argument);
                }
            }
        }
        Set<Path> names = new HashSet<>();
        if (arguments.contains("-j")) {
            files.stream()
                    .filter(file -> !names.add(file.getFileName()))
                    .forEach(file -> faults.add("another file has the name of " + file));
        }
    }

    /** The names of the files that the document's unzip commands take out of the jar. */
    Set<String> unzipped(Document document) {
        return arguments("unzip", document)
                .filter(argument -> argument.startsWith("dev/"))
                .flatMap(argument -> repository.resources(argument).stream())
                .map(file -> file.getFileName().toString())
                .collect(Collectors.toSet());
    }

    /** The names of the scripts in the folder {@code scripts} that the document's psql commands run. */
    List<String> run(Document document) {
        return arguments("psql", document)
                .filter(argument -> argument.startsWith("scripts/"))
                .map(argument -> argument.substring("scripts/".length()))
                .toList();
    }

    private static Stream<String> arguments(String command, Document document) {
        return document.codeBlocks().stream()
                .flatMap(block -> block.text().replaceAll(CONTINUED, "").lines())
                .flatMap(line -> simpleCommands(line).stream())
                .filter(words -> words.get(0).equals(command))
                .flatMap(List::stream);
    }

    /** The parts of a list without the ellipsis, which may stand for anything. */
    private static Stream<String> split(String list) {
        return Stream.of(list.split(",")).filter(part -> !part.contains("…"));
    }

    /** The words of each command of a line of a shell, without comments, as far as documents use it. */
    private static List<List<String>> simpleCommands(String line) {
        List<List<String>> commands = new ArrayList<>();
        List<String> words = new ArrayList<>();
        for (String word : words(line)) {
            if (Set.of("&&", "||", ";", "|", "&").contains(word)) {
                commands.add(words);
                words = new ArrayList<>();
            } else {
                words.add(word);
            }
        }
        commands.add(words);
        return commands.stream().filter(command -> !command.isEmpty()).collect(Collectors.toList());
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        for (char c : (line + " ").toCharArray()) {
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '#' && word.isEmpty()) {
                return words;
            } else if (Character.isWhitespace(c) || c == ';') {
                if (!word.isEmpty() && !(words.isEmpty() && word.toString().equals("$"))) {
                    words.add(word.toString());
                }
                word.setLength(0);
                if (c == ';') {
                    words.add(";");
                }
            } else {
                word.append(c);
            }
        }
        return words;
    }
}
