package dev.tokentally.it;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A real Chromium without a window. It must be installed on the system, since nothing is downloaded. Not thread-safe. */
final class Browser implements AutoCloseable {

    static final String MISSING =
            "The dashboard is not tested: there is no chromium and chromedriver on the PATH; install"
                    + " them, on Debian by apt-get install chromium chromium-driver";

    private static final System.Logger LOG = System.getLogger(Browser.class.getName());

    private static final String AXE = "/axe.min.js";

    /** The faults that axe-core calls serious or critical, each with its place. */
    private static final String FINDINGS = """
            const done = arguments[arguments.length - 1];
            const rules = arguments[0];
            const options = { resultTypes: ['violations'], ...(rules.length > 0 && { runOnly: rules }) };
            axe.run(document, options).then(
              ({ violations }) => done(violations
                .filter(({ impact }) => impact === 'serious' || impact === 'critical')
                .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))),
              (failure) => done([String(failure)]));
            """;

    /** The only rules of axe-core that look at colours. */
    private static final List<String> COLOUR_RULES = List.of("color-contrast", "link-in-text-block");

    /** Its classes for the DevTools belong to other versions than the browser's, and are not used. */
    private static final Logger NO_DEV_TOOLS = Logger.getLogger("org.openqa.selenium.devtools.CdpVersionFinder");

    private final ChromeDriver driver;
    private final Path profile;

    Browser() throws IOException {
        NO_DEV_TOOLS.setLevel(Level.SEVERE);
        profile = Files.createTempDirectory("chromium");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium().orElseThrow().toFile());
        options.addArguments(
                "--headless",
                // As root, which is common in containers, Chromium does not start with its sandbox.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--user-data-dir=" + profile);
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(chromeDriver().orElseThrow().toFile())
                        .usingAnyFreePort()
                        .build(),
                options);
        zone("UTC");
    }

    /**
     * Says whether the system has Chromium and its driver. If not, the log says so, because a report of skipped tests does
     * not.
     */
    static boolean isInstalled() {
        boolean isInstalled = chromium().isPresent() && chromeDriver().isPresent();
        if (!isInstalled) {
            LOG.log(System.Logger.Level.WARNING, MISSING);
        }
        return isInstalled;
    }

    private static Optional<Path> chromium() {
        return onPath("chromium", "chromium-browser", "google-chrome");
    }

    private static Optional<Path> chromeDriver() {
        return onPath("chromedriver");
    }

    private static Optional<Path> onPath(String... names) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Arrays.stream(path.split(File.pathSeparator))
                .flatMap(directory -> Stream.of(names).map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    ChromeDriver driver() {
        return driver;
    }

    /** Makes the browser behave as if the system were set to this time zone. */
    void zone(String zone) {
        driver.executeCdpCommand("Emulation.setTimezoneOverride", Map.of("timezoneId", zone));
    }

    /** Makes the scripts of the next pages see this time, which stands still. Returns what puts the clock right again. */
    Runnable clock(Instant now) {
        return inNextPages("Date.now = () => " + now.toEpochMilli());
    }

    /** Runs a script in the next pages before their own scripts. Returns what ends that. */
    Runnable inNextPages(String source) {
        Object script = driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", source))
                .get("identifier");
        return () -> driver.executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", Map.of("identifier", script));
    }

    /** Makes the browser behave as if the system were set to light or dark. */
    void scheme(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    void width(int width) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 1000, "deviceScaleFactor", 1, "mobile", false));
    }

    void allowClipboard() {
        driver.executeCdpCommand(
                "Browser.grantPermissions",
                Map.of("permissions", List.of("clipboardReadWrite", "clipboardSanitizedWrite")));
    }

    void downloadTo(Path directory) {
        driver.executeCdpCommand(
                "Browser.setDownloadBehavior", Map.of("behavior", "allow", "downloadPath", directory.toString()));
    }

    /** Saves a picture of the whole page for people, if {@code -Dpictures=true} asks for it. No test looks at it. */
    void pictureOnDemand(String name) {
        if (Boolean.getBoolean("pictures")) {
            picture(name);
        }
    }

    /** Saves a picture of the whole page where the build keeps pictures. */
    void picture(String name) {
        Object png = driver.executeCdpCommand("Page.captureScreenshot", Map.of("captureBeyondViewport", true))
                .get("data");
        try {
            Path directory = Files.createDirectories(
                    Settings.screenshotsDirectory().resolve(TestServer.current().id()));
            Files.write(directory.resolve(name + ".png"), Base64.getDecoder().decode((String) png));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The faults that axe-core finds and that keep people with disabilities from using the page. */
    List<?> accessibilityFindings() {
        return findings(List.of());
    }

    /** Those of the faults that another colour scheme may have. */
    List<?> colourFindings() {
        return findings(COLOUR_RULES);
    }

    private List<?> findings(List<String> rules) {
        if (!Boolean.TRUE.equals(driver.executeScript("return 'axe' in window"))) {
            driver.executeScript(axe());
        }
        return (List<?>) driver.executeAsyncScript(FINDINGS, rules);
    }

    private static String axe() {
        try (InputStream script = Browser.class.getResourceAsStream(AXE)) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The messages on the browser's console since the last call, without those about answers with an error status. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .filter(message -> !message.contains("Failed to load resource: the server responded"))
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
        try (Stream<Path> files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
